import type { MeetingsSpec } from '../api/meetings-spec.ts'
import type { Context } from './context.ts'
import type { TypedSetting } from './typed-settings.ts'

type Field = keyof MeetingsSpec

/** Fields that are a setting of the images by another name. */
const direct: [Field, string][] = [
  ['lobby', 'ENABLE_LOBBY'],
  ['breakoutRooms', 'ENABLE_BREAKOUT_ROOMS'],
  ['avModeration', 'ENABLE_AV_MODERATION'],
  ['endConference', 'ENABLE_END_CONFERENCE'],
  ['maxParticipants', 'MAX_PARTICIPANTS'],
  ['resolution', 'RESOLUTION'],
  ['peerToPeer', 'ENABLE_P2P'],
  ['maxVideoSenders', 'JICOFO_CONF_MAX_VIDEO_SENDERS'],
  ['maxAudioSenders', 'JICOFO_CONF_MAX_AUDIO_SENDERS'],
  ['talkWhileMuted', 'ENABLE_TALK_WHILE_MUTED'],
  ['noisyMicDetection', 'ENABLE_NOISY_MIC_DETECTION'],
  ['stereo', 'ENABLE_STEREO'],
  ['roomPasswordDigits', 'ROOM_PASSWORD_DIGITS'],
  ['startAudioMuted', 'START_AUDIO_MUTED'],
  ['startVideoMuted', 'START_VIDEO_MUTED'],
  ['startWithAudioMuted', 'START_WITH_AUDIO_MUTED'],
  ['startWithVideoMuted', 'START_WITH_VIDEO_MUTED'],
  ['startAudioOnly', 'START_AUDIO_ONLY'],
  ['requireDisplayName', 'ENABLE_REQUIRE_DISPLAY_NAME'],
  ['prejoinPage', 'ENABLE_PREJOIN_PAGE'],
  ['welcomePage', 'ENABLE_WELCOME_PAGE'],
  ['defaultLanguage', 'DEFAULT_LANGUAGE'],
]

/** Fields whose setting says the opposite. */
const reversed: [Field, string][] = [
  ['polls', 'DISABLE_POLLS'],
  ['audioLevels', 'DISABLE_AUDIO_LEVELS'],
  ['profile', 'DISABLE_PROFILE'],
  ['participantMenu', 'DISABLE_REMOTE_VIDEO_MENU'],
  ['reactions', 'DISABLE_REACTIONS'],
  ['privateChat', 'DISABLE_PRIVATE_CHAT'],
  ['kick', 'DISABLE_KICKOUT'],
  ['grantModerator', 'DISABLE_GRANT_MODERATOR'],
  ['localRecording', 'DISABLE_LOCAL_RECORDING'],
  ['deepLinking', 'DISABLE_DEEP_LINKING'],
]

/** What `spec.meetings` says, in the images' words, for every component that must agree on it. */
export function meetingSettings({ spec }: Context): TypedSetting[] {
  const { meetings } = spec
  const { moderators } = meetings
  const given = (pairs: [Field, string][]) =>
    pairs.filter(([field]) => meetings[field] !== undefined)
  return [
    ...given(direct).map(([field, name]) => typed(field, name, String(meetings[field]))),
    ...given(reversed).map(([field, name]) => typed(field, name, String(!meetings[field]))),
    ...several(meetings),
    // Jicofo would make an owner of the first to join before prosody has read the token.
    ...(moderators === 'token' ? [typed('moderators', 'ENABLE_AUTO_OWNER', 'false')] : []),
    ...(meetings.waitForHost
      ? [typed('waitForHost', 'WAIT_FOR_HOST_DISABLE_AUTO_OWNERS', 'true')]
      : []),
    ...(spec.web.dynamicBrandingUrl
      ? [
          {
            name: 'DYNAMIC_BRANDING_URL',
            value: spec.web.dynamicBrandingUrl,
            field: 'spec.web.dynamicBrandingUrl',
          },
        ]
      : []),
  ]
}

/** Fields that several settings say, or a setting that is a list. */
function several(meetings: MeetingsSpec): TypedSetting[] {
  const { resolution, toolbarButtons, hiddenPremeetingButtons, codecs } = meetings
  const { screenSharingFrameRate: frames, reservationsUrl } = meetings
  const given = (field: Field, settings: Record<string, string>) =>
    meetings[field] === undefined
      ? []
      : Object.entries(settings).map(([name, value]) => typed(field, name, value))
  const codecOrder = JSON.stringify(codecs ?? [])
  return [
    ...given('resolution', { RESOLUTION_WIDTH: String(Math.round(((resolution ?? 0) * 16) / 9)) }),
    ...given('toolbarButtons', { TOOLBAR_BUTTONS: toolbarButtons?.join(',') ?? '' }),
    ...given('hiddenPremeetingButtons', {
      HIDE_PREMEETING_BUTTONS: hiddenPremeetingButtons?.join(',') ?? '',
    }),
    // The image takes the same order for two people who are connected directly.
    ...given('codecs', { CODEC_ORDER_JVB: codecOrder, CODEC_ORDER_JVB_MOBILE: codecOrder }),
    // The limits count only where the client does not choose by itself.
    ...given('screenSharingFrameRate', {
      DESKTOP_SHARING_FRAMERATE_AUTO: 'false',
      DESKTOP_SHARING_FRAMERATE_MIN: String(Math.min(5, frames ?? 5)),
      DESKTOP_SHARING_FRAMERATE_MAX: String(frames),
    }),
    ...given('reservationsUrl', {
      PROSODY_RESERVATION_ENABLED: 'true',
      PROSODY_RESERVATION_REST_BASE_URL: reservationsUrl ?? '',
    }),
  ]
}

const typed = (field: Field, name: string, value: string): TypedSetting => ({
  name,
  value,
  field: `spec.meetings.${field}`,
})

/** Lines of config.js for what no setting of the images says. */
export function meetingConfig({ spec }: Context): string[] {
  const { lastN } = spec.meetings
  return lastN === undefined ? [] : [`config.channelLastN = ${lastN};`]
}
