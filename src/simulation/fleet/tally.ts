/** Why a bridge went with people on it, or people had to go. */
export type Cause = 'Terminated' | 'Crashed' | 'NodeLost' | 'ShutDown' | 'SignallingRestarted'

/** One time that people lost their bridge. */
export interface Departure {
  /** Seconds since the start. */
  at: number
  bridge: string
  cause: Cause
  /** Invited to another bridge within seconds. */
  moved: number
  /** Without media until they reload. */
  cut: number
}

/** What a day did to the people in it. */
export interface Tally {
  /** People whose meeting was cut: no other bridge could take them. */
  cut: number
  /** People who were moved to another bridge. */
  moved: number
  /** People who came and found no bridge at all. */
  refused: number
  /** All who came. */
  joins: number
  participantMinutes: number
  /** Those of them on a bridge with a stress above 0.8. */
  minutesOver08: number
  /** The most people at one time. */
  peak: number
  /** Meetings that a restart of prosody or jicofo tore down. */
  meetingsReformed: number
  /** People whom jicofo sent from a full bridge to another one. */
  redistributed: number
  departures: readonly Departure[]
}
