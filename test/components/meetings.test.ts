import t from 'tap'
import type { MeetingsSpec } from '../../src/api/meetings-spec.ts'
import type { ConfigMap } from '../../src/kube/types.ts'
import { type Component, knows } from '../../src/settings/settings.ts'
import { changes, environmentOf, find, rendered } from './rendered.ts'

const components: Component[] = ['web', 'prosody', 'jicofo']

/** Settings that a spec adds or changes, by component. */
function difference(spec: object): Record<string, Record<string, unknown>> {
  const [before, after] = [rendered(), rendered(spec)]
  return Object.fromEntries(
    components.flatMap(component => {
      const name = `meet-${component}`
      const old = environmentOf(find(before, 'Deployment', name))
      const young = environmentOf(find(after, 'Deployment', name))
      const changed = Object.entries(young).filter(
        ([key, value]) => JSON.stringify(value) !== JSON.stringify(old[key]),
      )
      return changed.length > 0 ? [[component, Object.fromEntries(changed)]] : []
    }),
  )
}

const cases: [meetings: Partial<MeetingsSpec>, want: Record<string, Record<string, string>>][] = [
  [{ lobby: false }, { prosody: { ENABLE_LOBBY: 'false' } }],
  [
    { breakoutRooms: false },
    { web: { ENABLE_BREAKOUT_ROOMS: 'false' }, prosody: { ENABLE_BREAKOUT_ROOMS: 'false' } },
  ],
  [{ polls: false }, { web: { DISABLE_POLLS: 'true' }, prosody: { DISABLE_POLLS: 'true' } }],
  [{ reactions: false }, { web: { DISABLE_REACTIONS: 'true' } }],
  [{ privateChat: false }, { web: { DISABLE_PRIVATE_CHAT: 'true' } }],
  [{ kick: false }, { web: { DISABLE_KICKOUT: 'true' } }],
  [{ grantModerator: false }, { web: { DISABLE_GRANT_MODERATOR: 'true' } }],
  [{ avModeration: false }, { prosody: { ENABLE_AV_MODERATION: 'false' } }],
  [{ endConference: false }, { prosody: { ENABLE_END_CONFERENCE: 'false' } }],
  [{ localRecording: false }, { web: { DISABLE_LOCAL_RECORDING: 'true' } }],
  [{ maxParticipants: 75 }, { prosody: { MAX_PARTICIPANTS: '75' } }],
  [{ resolution: 360 }, { web: { RESOLUTION: '360', RESOLUTION_WIDTH: '640' } }],
  [{ peerToPeer: false }, { web: { ENABLE_P2P: 'false' } }],
  [{ startAudioMuted: 3 }, { web: { START_AUDIO_MUTED: '3' } }],
  [{ startVideoMuted: 0 }, { web: { START_VIDEO_MUTED: '0' } }],
  [{ startWithAudioMuted: true }, { web: { START_WITH_AUDIO_MUTED: 'true' } }],
  [{ startWithVideoMuted: true }, { web: { START_WITH_VIDEO_MUTED: 'true' } }],
  [{ startAudioOnly: true }, { web: { START_AUDIO_ONLY: 'true' } }],
  [{ requireDisplayName: true }, { web: { ENABLE_REQUIRE_DISPLAY_NAME: 'true' } }],
  [{ prejoinPage: false }, { web: { ENABLE_PREJOIN_PAGE: 'false' } }],
  [{ welcomePage: false }, { web: { ENABLE_WELCOME_PAGE: 'false' } }],
  [{ deepLinking: false }, { web: { DISABLE_DEEP_LINKING: 'true' } }],
  [{ defaultLanguage: 'de' }, { web: { DEFAULT_LANGUAGE: 'de' } }],
  [{ toolbarButtons: ['microphone', 'camera'] }, { web: { TOOLBAR_BUTTONS: 'microphone,camera' } }],
  [{ maxVideoSenders: 20 }, { jicofo: { JICOFO_CONF_MAX_VIDEO_SENDERS: '20' } }],
  [{ maxAudioSenders: 50 }, { jicofo: { JICOFO_CONF_MAX_AUDIO_SENDERS: '50' } }],
  [
    { codecs: ['VP8', 'VP9'] },
    { web: { CODEC_ORDER_JVB: '["VP8","VP9"]', CODEC_ORDER_JVB_MOBILE: '["VP8","VP9"]' } },
  ],
  [
    { screenSharingFrameRate: 30 },
    {
      web: {
        DESKTOP_SHARING_FRAMERATE_AUTO: 'false',
        DESKTOP_SHARING_FRAMERATE_MIN: '5',
        DESKTOP_SHARING_FRAMERATE_MAX: '30',
      },
    },
  ],
  [{ talkWhileMuted: true }, { web: { ENABLE_TALK_WHILE_MUTED: 'true' } }],
  [{ noisyMicDetection: false }, { web: { ENABLE_NOISY_MIC_DETECTION: 'false' } }],
  [{ audioLevels: false }, { web: { DISABLE_AUDIO_LEVELS: 'true' } }],
  [{ stereo: true }, { web: { ENABLE_STEREO: 'true' } }],
  [{ profile: false }, { web: { DISABLE_PROFILE: 'true' } }],
  [{ participantMenu: false }, { web: { DISABLE_REMOTE_VIDEO_MENU: 'true' } }],
  [{ roomPasswordDigits: 6 }, { web: { ROOM_PASSWORD_DIGITS: '6' } }],
  [{ hiddenPremeetingButtons: ['invite'] }, { web: { HIDE_PREMEETING_BUTTONS: 'invite' } }],
  [
    { reservationsUrl: 'https://booking.example.org' },
    {
      prosody: {
        PROSODY_RESERVATION_ENABLED: 'true',
        PROSODY_RESERVATION_REST_BASE_URL: 'https://booking.example.org',
      },
    },
  ],
  [{ moderators: 'everyone' }, { prosody: { XMPP_MUC_MODULES: 'muc_allowners' } }],
  [
    { moderators: 'token' },
    {
      prosody: { XMPP_MUC_MODULES: 'token_affiliation' },
      jicofo: { ENABLE_AUTO_OWNER: 'false' },
    },
  ],
  [
    { waitForHost: true },
    {
      prosody: {
        WAIT_FOR_HOST_DISABLE_AUTO_OWNERS: 'true',
        XMPP_MUC_MODULES: 'muc_wait_for_host',
      },
    },
  ],
]

for (const [meetings, want] of cases) {
  t.test(
    `${JSON.stringify(meetings)} is said to all who must agree, and to nobody else`,
    async t => {
      t.strictSame(difference({ meetings }), want)
      for (const [component, settings] of Object.entries(want)) {
        const unread = Object.keys(settings).filter(name => !knows(component as Component, name))
        t.strictSame(unread, [], 'and the image reads it')
      }
    },
  )
}

t.test('modules of ours join those of variables', async t => {
  const spec = {
    meetings: { moderators: 'everyone' },
    variables: { XMPP_MUC_MODULES: 'muc_census,muc_allowners' },
  }
  t.strictSame(difference(spec), { prosody: { XMPP_MUC_MODULES: 'muc_census,muc_allowners' } })
})

t.test('last-n, for which the images have no setting, goes into config.js', async t => {
  const objects = rendered({ meetings: { lastN: 20 } })
  const { data } = find<ConfigMap>(objects, 'ConfigMap', 'meet-web')
  t.match(data?.['custom-config.js'], 'config.channelLastN = 20;')
  t.strictSame(changes(rendered(), objects), ['ConfigMap/meet-web', 'Deployment/meet-web'])
})
