/*
 * What happens to bridges with people on them, in one lab and side by side. Each file also runs
 * alone: npx tap --disable-coverage test/cluster/events/node-drain.cluster.ts
 */

import './events/addresses.cluster.ts'
import './events/node-drain.cluster.ts'
import './events/shared-nodes.cluster.ts'
import './events/topologies.cluster.ts'
