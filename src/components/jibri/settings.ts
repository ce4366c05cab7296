import type { Context } from '../context.ts'
import type { TypedSetting } from '../typed-settings.ts'

/** What web, prosody and jicofo must know of recording; nothing where it is off. */
export function recordingSettings({ spec: { jibri } }: Context): TypedSetting[] {
  if (!jibri.enabled) return []
  const { livestreaming, recording } = jibri
  return [
    { name: 'ENABLE_RECORDING', value: '1', field: 'spec.jibri.enabled' },
    ...(recording
      ? []
      : [{ name: 'ENABLE_SERVICE_RECORDING', value: '0', field: 'spec.jibri.recording' }]),
    ...(livestreaming === undefined
      ? []
      : [
          {
            name: 'ENABLE_LIVESTREAMING',
            value: livestreaming ? '1' : '0',
            field: 'spec.jibri.livestreaming',
          },
        ]),
  ]
}

/** Recorders of ours, or of somebody else who set the variable: prosody needs their accounts. */
export const isRecording = ({ spec }: Context): boolean =>
  spec.jibri.enabled || /^(1|true)$/i.test(spec.variables.ENABLE_RECORDING ?? '')
