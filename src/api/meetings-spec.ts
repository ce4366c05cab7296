import { type Static, Type } from '@sinclair/typebox'
import { Section, StringEnum } from './schema.ts'

const Switch = (description: string) => Type.Optional(Type.Boolean({ description }))
const Count = (minimum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum: 100_000, description }))

/**
 * `spec.meetings`: what people can do in meetings. A field that is left out means the image's own
 * default, so that `spec.variables` may still say otherwise.
 */
export const MeetingsSpec = Section(
  {
    lobby: Switch('Offer moderators a lobby, where others wait to be let in (true).'),
    breakoutRooms: Switch('Offer breakout rooms (true).'),
    polls: Switch('Offer polls (true).'),
    reactions: Switch('Offer reactions (true).'),
    privateChat: Switch('Offer chat between two people (true).'),
    kick: Switch('Let moderators remove people (true).'),
    grantModerator: Switch('Let moderators make others moderators (true).'),
    avModeration: Switch('Let moderators stop others from unmuting themselves (true).'),
    endConference: Switch('Let moderators end the meeting for all (true).'),
    localRecording: Switch('Let people record in their browser (true).'),
    maxParticipants: Count(2, 'Most people in a meeting; unlimited otherwise.'),
    lastN: Type.Optional(
      Type.Integer({
        minimum: -1,
        maximum: 1000,
        description:
          'Send everybody only the video of so many others, those who spoke last; -1 for all. 20 or less keeps bridges and laptops calm.',
      }),
    ),
    resolution: Type.Optional(
      Type.Integer({
        minimum: 180,
        maximum: 2160,
        description: 'Height of the best video that browsers send, such as 360 or 720 (720).',
      }),
    ),
    peerToPeer: Switch('Connect two people directly (true). They learn each other’s address then.'),
    maxVideoSenders: Count(
      1,
      'Most people of a meeting with their camera on at a time; unlimited otherwise.',
    ),
    maxAudioSenders: Count(
      1,
      'Most people of a meeting with their microphone on at a time; unlimited otherwise.',
    ),
    codecs: Type.Optional(
      Type.Array(StringEnum(['AV1', 'VP9', 'VP8', 'H264']), {
        minItems: 1,
        maxItems: 4,
        description:
          'Video codecs in the order of preference (AV1, VP9, VP8, H264). VP8 first spares old laptops, and takes more bandwidth.',
      }),
    ),
    screenSharingFrameRate: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 60,
        description:
          'Most frames a second of a shared screen (5, and more while it shows a film); 30 for films, at the cost of sharpness.',
      }),
    ),
    startAudioMuted: Count(0, 'Everybody after so many people joins with the microphone off (10).'),
    startVideoMuted: Count(0, 'Everybody after so many people joins with the camera off (10).'),
    startWithAudioMuted: Switch('Everybody joins with the microphone off (false).'),
    startWithVideoMuted: Switch('Everybody joins with the camera off (false).'),
    startAudioOnly: Switch('Begin without any video (false).'),
    talkWhileMuted: Switch('Tell somebody who talks with the microphone off (false).'),
    noisyMicDetection: Switch('Tell somebody whose microphone is noisy (true).'),
    audioLevels: Switch('Show who is heard, which costs old devices some power (true).'),
    stereo: Switch('Send two channels of sound, for music (false).'),
    profile: Switch('Let people change their name and picture (true).'),
    participantMenu: Switch('Show a menu on the picture of others (true).'),
    roomPasswordDigits: Count(1, 'Passwords of rooms are so many digits; any text otherwise.'),
    hiddenPremeetingButtons: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z-]+$', description: 'Name of a button.' }), {
        minItems: 1,
        description:
          'Buttons that the page before the meeting and the lobby leave out, such as invite.',
      }),
    ),
    reservationsUrl: Type.Optional(
      Type.String({
        pattern: '^https?://[^\\s\'"]+$',
        maxLength: 2048,
        description:
          'A system of reservations that is asked whether a room may be opened: the address before /conference.',
      }),
    ),
    requireDisplayName: Switch('Ask for a name before joining (false).'),
    prejoinPage: Switch('Show a page for checking camera and microphone first (true).'),
    welcomePage: Switch('Show a page for opening meetings at the root of the site (true).'),
    deepLinking: Switch('Offer the app on mobile devices (true).'),
    defaultLanguage: Type.Optional(
      Type.String({
        pattern: '^[a-z]{2,3}([A-Z]{2}|-[A-Z]{2})?$',
        description: 'Such as de or ptBR.',
      }),
    ),
    toolbarButtons: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z0-9-]+$', description: 'Name of a button.' }), {
        minItems: 1,
        description: 'Buttons to show, by their names in config.js; all otherwise.',
      }),
    ),
    moderators: StringEnum(['automatic', 'everyone', 'token'], {
      default: 'automatic',
      description:
        'Who moderates. automatic: whoever has an account, or in an anonymous meeting the first to join. everyone. token: those whose token says so, in `context.user.moderator` or `affiliation` (auth.type jwt).',
    }),
    waitForHost: Type.Boolean({
      default: false,
      description:
        'Let nobody begin before a moderator is there, with auth of type jwt. With auth.guests the other types wait for somebody with an account anyway.',
    }),
  },
  { description: 'What people can do in meetings; in brackets what holds when it is left out.' },
)
export type MeetingsSpec = Static<typeof MeetingsSpec>

/** What the API server can refuse, each with its way out. */
export const meetingRules = [
  {
    rule: "self.meetings.moderators != 'token' || self.auth.type == 'jwt'",
    message: 'meetings.moderators token needs auth.type jwt: only tokens say who moderates',
  },
  {
    rule: "!self.meetings.waitForHost || self.auth.type != 'anonymous'",
    message:
      'meetings.waitForHost needs an auth.type other than anonymous: nobody would ever be the host',
  },
]
