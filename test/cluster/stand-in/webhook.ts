/** A hook as CompositeController and DecoratorController declare it. */
export interface Hook {
  version?: string
  webhook?: { url?: string; timeout?: string }
}

/**
 * Posts to a v2 hook. Only 200 is an answer, and only the named top-level fields may be in it
 * (Metacontroller's strict mode, the default of v2).
 */
export async function callHook<Answer>(
  hook: Hook,
  request: unknown,
  fields: readonly string[],
): Promise<Answer> {
  const url = hook.webhook?.url
  if (!url || hook.version !== 'v2') throw new Error('the stand-in calls v2 hooks with a url only')
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(milliseconds(hook.webhook?.timeout ?? '10s')),
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${text}`)
  const answer = (JSON.parse(text) ?? {}) as Record<string, unknown>
  const unknown = Object.keys(answer).find(field => !fields.includes(field))
  if (unknown !== undefined) throw new Error(`${url}: unknown field "${unknown}" in the answer`)
  return answer as Answer
}

/** Of a Go duration in the forms that manifests use: `10s`, `1m30s`, `500ms`. */
function milliseconds(duration: string): number {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[`${unit}`] ?? 0), 0)
}
