import { churnFamilies } from './churn';
import { crowdFamilies } from './crowd';
import type { Family } from './family';
import { fieldFamilies } from './field';
import { flightFamilies } from './flight';
import { otherFamilies } from './other';
import { pathFamilies } from './path';
import { staleFamilies } from './stale';

export const FAMILIES: readonly Family[] = [
  ...staleFamilies,
  ...flightFamilies,
  ...crowdFamilies,
  ...otherFamilies,
  ...pathFamilies,
  ...fieldFamilies,
  ...churnFamilies,
];
