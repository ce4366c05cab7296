import { live } from '../bridges/day.ts'
import { mutants } from './by-hand.ts'

/* Lives through the day of one mutant, named by its number, and prints which laws were broken. */

const mutant = mutants[Number(process.argv[2])]
if (!mutant) throw new Error('there is no such mutant')
const broken = await live(mutant.day, mutant.law)
console.log(JSON.stringify([...broken]))
