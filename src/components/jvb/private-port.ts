/** The bridge's own REST API: health, figures, drain. Unauthenticated. */
export const privatePort = 8080
