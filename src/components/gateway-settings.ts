import type { Context } from './context.ts'
import type { TypedSetting } from './typed-settings.ts'

/** What other components must know of telephones and captions; nothing where they are off. */
export function gatewaySettings({ spec }: Context): TypedSetting[] {
  const { jigasi, transcriber } = spec
  const field = 'spec.transcriber'
  return [
    ...(jigasi.enabled && jigasi.sip
      ? [{ name: 'JIGASI_SIP_URI', value: jigasi.sip.uri, field: 'spec.jigasi.sip.uri' }]
      : []),
    ...(transcriber.enabled ? [{ name: 'ENABLE_TRANSCRIPTIONS', value: '1', field }] : []),
    ...(transcriber.enabled && transcriber.language
      ? [{ name: 'PREFERRED_LANGUAGE', value: transcriber.language, field }]
      : []),
  ]
}
