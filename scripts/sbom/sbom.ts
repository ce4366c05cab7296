import { shippedPackages } from './shipped-packages.ts'

/* npm run sbom: the packages that the image holds, as CycloneDX. */

console.log(JSON.stringify(shippedPackages(), null, 2))
