/*
 * When failed connections to a bridge are more than chance. The condition MediaReachable and the
 * alert JitsiMediaUnreachable say the same thing, so they share what they judge by.
 */

/** From so many people on, a share of failed connections says something. */
export const fewestEndpoints = 5

/** More than this share of the connections failed. */
export const failedShare = 0.2
