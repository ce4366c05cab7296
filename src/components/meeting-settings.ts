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
  const { resolution, toolbarButtons, moderators } = meetings
  const given = (pairs: [Field, string][]) =>
    pairs.filter(([field]) => meetings[field] !== undefined)
  return [
    ...given(direct).map(([field, name]) => typed(field, name, String(meetings[field]))),
    ...given(reversed).map(([field, name]) => typed(field, name, String(!meetings[field]))),
    ...(resolution
      ? [typed('resolution', 'RESOLUTION_WIDTH', String(Math.round((resolution * 16) / 9)))]
      : []),
    ...(toolbarButtons
      ? [typed('toolbarButtons', 'TOOLBAR_BUTTONS', toolbarButtons.join(','))]
      : []),
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
