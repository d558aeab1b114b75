/** A value as Grafana shows it with one of the units that the panels have. Runs in the page too: no imports. */
export function shown(value: number | null, unit: string, decimals?: number): string {
  if (value === null || !Number.isFinite(value)) return '–';
  const digits = (number: number) => {
    if (decimals !== undefined) return number.toFixed(decimals);
    return String(Number(number.toPrecision(3)));
  };
  if (unit === 'percentunit') return `${digits(value * 100)}%`;
  if (unit === 's') {
    if (value === 0) return '0 s';
    if (Math.abs(value) < 1) return `${digits(value * 1_000)} ms`;
    if (Math.abs(value) < 60) return `${digits(value)} s`;
    return Math.abs(value) < 3_600 ? `${digits(value / 60)} mins` : `${digits(value / 3_600)} hours`;
  }
  if (unit.startsWith('suffix:')) return `${digits(value)}${unit.slice('suffix:'.length)}`;
  const suffix: Readonly<Record<string, string>> = { reqps: ' req/s', cps: ' c/s' };
  return `${digits(value)}${suffix[unit] ?? ''}`;
}
