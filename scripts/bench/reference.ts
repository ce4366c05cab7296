import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import { defaultLimits } from '../../src/service/limits.ts'
import { serviceMetrics } from '../../src/service/metrics.ts'

/*
 * What the work costs without us: a program whose one route parses the request and answers what
 * stands in a file, and which can do just JSON.parse and JSON.stringify as often as it is told.
 * Usage: node reference.js REQUEST ANSWER
 */

const [requestFile = '', answerFile = ''] = process.argv.slice(2)
const text = readFileSync(requestFile, 'utf8')
const answer: unknown = JSON.parse(readFileSync(answerFile, 'utf8'))
const { registry } = serviceMetrics('reference')

const app = Fastify({ bodyLimit: defaultLimits.bodyBytes, return503OnClosing: false })
app.post('/jitsi/sync', async () => answer)
app.get('/metrics', async () => registry.metrics())
app.get('/floor', async () => {
  JSON.parse(text)
  return { length: JSON.stringify(answer).length }
})
console.log(JSON.stringify({ msg: await app.listen({ host: '127.0.0.1', port: 0 }) }))
