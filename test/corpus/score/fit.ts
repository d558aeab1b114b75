import { rivalsOf } from '../../../src/verdict/causes/weigh';
import { RIVALS, type Rival } from '../../../src/verdict/causes/weights';
import type { Row } from './row';

/** The features that are weighed; the others decide whether a cause is considered at all. */
const WEIGHED = ['when', 'idle', 'kind', 'siblings', 'again', 'blind'] as const;

/** How much a large weight costs, against the mean loss: keeps to small weights what few failures speak for. */
const RIDGE = 0.0001;
const STEPS = 12_000;
const RATE = 2;

interface Sample {
  /** Each cause that is considered, as its place in RIVALS; the truth is one of them. */
  readonly rivals: readonly number[];
  readonly truth: number;
  /** Places of its values in the list of all values, and what they count: 1, or the number that a value is. */
  readonly values: readonly (readonly [number, number])[];
  /** What the failures that are like this count together, of 1. */
  readonly share: number;
}

/**
 * Softmax regression on the causes that are considered (`weigh` scores in the same way), each family of failures counting
 * the same; gradient descent from zero, so that the same rows give the same weights. In tenths of a natural logarithm.
 */
export function fitWeights(rows: readonly Row[]): Record<Rival, Record<string, Record<string, number>>> {
  const names: string[] = [];
  const place = (value: string) => {
    if (!names.includes(value)) names.push(value);
    return names.indexOf(value);
  };
  const amountOf = (name: string, value: string | number): readonly [number, number] =>
    typeof value === 'number' ? [place(`${name}.per`), value] : [place(`${name}.${value}`), 1];
  const usable = rows.flatMap(({ family, truth, features }) => {
    if (features === undefined) return [];
    const rivals = rivalsOf(features).map((rival) => RIVALS.indexOf(rival));
    const at = RIVALS.indexOf(truth as Rival);
    if (rivals.length < 2 || !rivals.includes(at)) return [];
    return [{ family, rivals, truth: at, values: WEIGHED.map((name) => amountOf(name, features[name])) }];
  });
  const sizes = new Map<string, number>();
  for (const { family } of usable) sizes.set(family, (sizes.get(family) ?? 0) + 1);
  const samples = new Map<string, Sample>();
  for (const { family, rivals, truth, values } of usable) {
    const key = JSON.stringify([rivals, truth, values]);
    const share = (samples.get(key)?.share ?? 0) + 1 / (sizes.get(family) ?? 1) / sizes.size;
    samples.set(key, { rivals, truth, values, share });
  }
  const weights = descend([...samples.values()], names.length);
  const table = {} as Record<Rival, Record<string, Record<string, number>>>;
  for (const [i, rival] of RIVALS.entries()) {
    const own: Record<string, Record<string, number>> = {};
    for (const [j, name] of names.entries()) {
      const [feature = '', value = ''] = name.split('.');
      const weight = Math.round(10 * (weights[i * names.length + j] ?? 0));
      if (weight !== 0) own[feature] = { ...own[feature], [value]: weight };
    }
    table[rival] = own;
  }
  return table;
}

function descend(samples: readonly Sample[], width: number): Float64Array {
  const weights = new Float64Array(RIVALS.length * width);
  for (let step = 0; step < STEPS; step += 1) {
    const gradient = weights.map((weight) => 2 * RIDGE * weight);
    for (const { rivals, truth, values, share } of samples) {
      const scores = rivals.map((rival) =>
        values.reduce((sum, [v, amount]) => sum + amount * (weights[rival * width + v] ?? 0), 0),
      );
      const top = Math.max(...scores);
      const all = scores.reduce((sum, score) => sum + Math.exp(score - top), 0);
      for (const [k, rival] of rivals.entries()) {
        const error = Math.exp((scores[k] ?? 0) - top) / all - (rival === truth ? 1 : 0);
        for (const [v, amount] of values)
          gradient[rival * width + v] = (gradient[rival * width + v] ?? 0) + share * error * amount;
      }
    }
    for (const [i, slope] of gradient.entries()) weights[i] = (weights[i] ?? 0) - RATE * slope;
  }
  return weights;
}

/** The source of `src/verdict/causes/weights.ts`. */
export function sourceOf(weights: ReturnType<typeof fitWeights>): string {
  const cells = (values: Record<string, number>) =>
    Object.entries(values)
      .map(([value, weight]) => `${value}: ${weight}`)
      .join(', ');
  const lines = RIVALS.map((rival) => {
    const features = Object.entries(weights[rival]).map(
      ([feature, values]) => `    ${feature}: { ${cells(values)} },\n`,
    );
    return `  ${rival}: {${features.length === 0 ? '' : `\n${features.join('')}  `}},\n`;
  });
  return `/** The causes that compete for the end of a reused connection with no byte back. */
export const RIVALS = [${RIVALS.map((rival) => `'${rival}'`).join(', ')}] as const;
export type Rival = (typeof RIVALS)[number];

/** \`likely\` needs at least this share of the evidence. */
export const LIKELY_ABOVE = 0.9;

/** A smaller share than this gives no answer. */
export const UNKNOWN_BELOW = 0.78;

type Weights = Readonly<Record<Rival, Readonly<Record<string, Readonly<Record<string, number>>>>>>;

/**
 * Natural logarithms of odds, in tenths, by cause, feature and value; 0 where absent. \`per\` applies to each unit of a
 * number. Written by \`npm run corpus -- --fit\`, which fits them to the failures of the odd seeds.
 */
export const WEIGHTS: Weights = {
${lines.join('')}};
`;
}
