import type { Context } from './context.ts'
import type { TypedSetting } from './typed-settings.ts'

/** Are captions made by jigasi, which takes part in meetings for that, and not by the bridges? */
export const transcribesByJigasi = ({ transcriber }: Context['spec']): boolean =>
  transcriber.enabled && transcriber.service !== 'proxy'

/** Do bridges send what is said to a proxy? */
export const transcribesByProxy = ({ transcriber }: Context['spec']): boolean =>
  transcriber.enabled && transcriber.service === 'proxy'

/** What other components must know of telephones and captions; nothing where they are off. */
export function jigasiSettings({ spec }: Context): TypedSetting[] {
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
