/**
 * Most new bridges, and most new recorders, in one answer. It is held in memory as text, in a
 * service that is there for all Jitsis, and each new Pod repeats what one spec says of it. The
 * others follow by the calls that these bring about.
 */
export const mostNewPods = 100
