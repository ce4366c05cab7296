import { mkdirSync, writeFileSync } from 'node:fs'
import { days } from './days.ts'

/* Writes examples/traces anew: npm run days */

mkdirSync('examples/traces', { recursive: true })
for (const [name, day] of Object.entries(days)) {
  writeFileSync(`examples/traces/${name}.csv`, day())
}
