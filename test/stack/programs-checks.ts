import type { Check } from './check';
import { configurationChecks } from './programs-collector';
import { composeChecks } from './programs-compose';
import { imageChecks } from './programs-image';
import { provisioningChecks } from './programs-provisioning';

export { liveChecks } from './programs-live';

export function staticChecks(): Check[] {
  return [...configurationChecks(), ...composeChecks(), ...imageChecks(), ...provisioningChecks()];
}
