/** Where a real answer would have random passwords: always the same, and plainly not to be used. */
export function placeholderPasswords(): () => string {
  let made = 0
  return () => {
    made += 1
    return `placeholder-${made}-not-a-password`
  }
}
