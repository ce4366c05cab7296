/** The parts of a Jitsi whose images take settings from the environment. */
export type Component =
  | 'web'
  | 'prosody'
  | 'visitors'
  | 'jicofo'
  | 'jvb'
  | 'jibri'
  | 'jigasi'
  | 'transcriber'

/**
 * What an image takes a setting for. A `flag` is a switch that a shell script compares with 1: the
 * word `true` reads as 0 there. A `boolean` goes through the template function `toBool`, for which
 * every word that it does not know, `no` and `off` too, means true.
 */
export type SettingType = 'boolean' | 'flag' | 'integer' | 'string'

/** The settings that each image of one release reads. */
export type KnownSettings = Readonly<Record<Component, Readonly<Record<string, SettingType>>>>
