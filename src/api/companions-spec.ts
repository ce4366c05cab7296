import { Type } from '@sinclair/typebox'
import { podOverrides } from './pod-overrides.ts'
import { SecretKeyReference, Section, StringEnum } from './schema.ts'

/*
 * Programs beside a meeting: a shared document, a whiteboard, a telephone, captions.
 */

const Image = (reference: string) =>
  Type.String({ default: reference, minLength: 1, description: 'Whole image reference.' })

/** `spec.etherpad`. */
export const EtherpadSpec = Section(
  {
    ...podOverrides,
    image: Image('docker.io/etherpad/etherpad:2.0.3'),
    enabled: Type.Boolean({
      default: false,
      description:
        'Offer a shared document in every meeting. Documents are gone when its Pod is; it has no administrator.',
    }),
  },
  { description: 'Etherpad, the shared document.' },
)

/** `spec.whiteboard`. */
export const WhiteboardSpec = Section(
  {
    ...podOverrides,
    image: Image('docker.io/jitsi/excalidraw-backend:2026.3.0'),
    enabled: Type.Boolean({ default: false, description: 'Offer a whiteboard in every meeting.' }),
  },
  { description: 'Excalidraw, the whiteboard.' },
)

/** `spec.jigasi`. */
export const JigasiSpec = Section(
  {
    ...podOverrides,
    enabled: Type.Boolean({ default: false, description: 'Let people join by telephone.' }),
    hostNetwork: Type.Boolean({
      default: false,
      description:
        'Use the network of the node, for SIP providers that send audio to the address that they are told.',
    }),
    ports: Section(
      {
        min: Type.Integer({
          minimum: 1024,
          maximum: 65535,
          default: 20000,
          description: 'First port of the range.',
        }),
        max: Type.Integer({
          minimum: 1024,
          maximum: 65535,
          default: 20050,
          description: 'Last port of the range.',
        }),
      },
      { description: 'UDP ports for audio between the SIP provider and here.' },
    ),
    sip: Type.Optional(
      Type.Object(
        {
          uri: Type.String({
            pattern: '^[^@\\s]+@[^@\\s]+$',
            description: 'Account at the provider, such as 4930123@sip.example.org.',
          }),
          password: SecretKeyReference({ description: 'Password of the account.' }),
          server: Type.String({ minLength: 1, description: 'Host name of the provider.' }),
          port: Type.Integer({
            minimum: 1,
            maximum: 65535,
            default: 5060,
            description: 'Port of the provider.',
          }),
          transport: StringEnum(['UDP', 'TCP', 'TLS'], {
            default: 'UDP',
            description: 'How to talk to the provider.',
          }),
          defaultRoom: Type.Optional(
            Type.String({ description: 'Room for calls that name none.' }),
          ),
        },
        { description: 'The SIP provider.' },
      ),
    ),
  },
  { description: 'Jigasi, the telephone gateway.' },
)

/** `spec.transcriber`. */
export const TranscriberSpec = Section(
  {
    ...podOverrides,
    enabled: Type.Boolean({
      default: false,
      description: 'Offer captions.',
    }),
    service: StringEnum(['proxy', 'vosk', 'whisper'], {
      default: 'proxy',
      description:
        'Who turns speech into text. proxy: bridges send it to opus-transcriber-proxy, which asks the provider whose key you give in `envFrom`. vosk, whisper: such a service of yours, through jigasi; deprecated upstream.',
    }),
    url: Type.Optional(
      Type.String({
        pattern: '^wss?://[^\\s\'"]+$',
        description:
          'WebSocket address of the service. proxy: one that runs elsewhere, such as wss://captions.example.org/transcribe; ours otherwise.',
      }),
    ),
    language: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z-]{2,11}$',
        description: 'Language that people speak, en-US.',
      }),
    ),
  },
  {
    description: 'Captions: what is said, as text on the screen of whoever asks for it.',
  },
)

/** What the API server can refuse, each with its way out. */
export const companionRules = [
  {
    rule: '!self.jigasi.enabled || has(self.jigasi.sip)',
    message: 'jigasi.enabled needs jigasi.sip, an account at a SIP provider',
  },
  {
    rule: '!self.jigasi.enabled || self.jigasi.ports.min <= self.jigasi.ports.max',
    message:
      'jigasi.ports.min must not be larger than jigasi.ports.max: lower the one or raise the other',
  },
  {
    rule: "!self.transcriber.enabled || self.transcriber.service == 'proxy' || has(self.transcriber.url)",
    message:
      'transcriber.service vosk and whisper need transcriber.url, the service that turns speech into text',
  },
]
