// The emulator's arithmetic: polynomials over the levers, and the interval of the members.

/** The terms of a polynomial in `k` numbers: each a list of places, in the order of their degree. */
export function terms(k, degree) {
  const found = [];
  const grow = (places, left) => {
    if (left === 0) found.push(places);
    else for (let i = places.at(-1) ?? 0; i < k; i += 1) grow([...places, i], left - 1);
  };
  for (let d = 0; d <= degree; d += 1) grow([], d);
  return found;
}

/**
 * The value of a polynomial in `t`: its coefficients are those of `terms`, then, as far as there are
 * more, those of the higher powers of each number alone, one power after the other.
 */
export function polynomial(coefficients, t, degree) {
  const places = terms(t.length, degree);
  const powers = (coefficients.length - places.length) / t.length;
  if (powers < 0 || !Number.isInteger(powers)) throw new Error("The formula has too few terms.");
  for (let m = degree + 1; m <= degree + powers; m += 1) {
    for (let n = 0; n < t.length; n += 1) places.push(Array(m).fill(n));
  }
  return places.reduce(
    (sum, of, i) => sum + coefficients[i] * of.reduce((product, n) => product * t[n], 1),
    0,
  );
}

/** The chance whose logit is given. */
export function logistic(logit) {
  return 1 / (1 + Math.exp(-logit));
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
  12.507343278686905, -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/** The logarithm of the gamma function of a positive number (Lanczos' approximation). */
export function logGamma(x) {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum = 0.9999999999998099;
  LANCZOS.forEach((one, i) => {
    sum += one / (x + i);
  });
  const base = x + LANCZOS.length - 1.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum);
}

// The continued fraction of the incomplete beta function, by Lentz's method.
function fraction(x, a, b) {
  const tiny = 1e-300;
  const kept = (value) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= 20000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / kept(1 + even * d);
    c = kept(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / kept(1 + odd * d);
    c = kept(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return h;
}

/** The share of a beta distribution below `x`. */
export function betaShare(x, a, b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const scale = logGamma(a + b) - logGamma(a) - logGamma(b);
  const front = Math.exp(scale + a * Math.log(x) + b * Math.log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return (front * fraction(x, a, b)) / a;
  return 1 - (front * fraction(1 - x, b, a)) / b;
}

/** The number below which a share of a beta distribution lies, to a billionth, by bisection. */
export function betaQuantile(share, a, b) {
  let [low, high] = [0, 1];
  while (high - low > 1e-10) {
    const middle = (low + high) / 2;
    if (betaShare(middle, a, b) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const MOST = 1e6; // a beta distribution as narrow as this one is a normal one
const NORMAL = 1.6448536269514722;

/** The central 90 % of the members' odds, of mean `mean`, if two lucks both hold with `both`. */
export function membersInterval(mean, both) {
  const most = mean * (1 - mean);
  const variance = Math.min(both - mean * mean, most * (1 - 1e-9));
  if (!(variance > 0)) return [mean, mean];
  const size = most / variance - 1;
  if (size > MOST) {
    const half = NORMAL * Math.sqrt(variance);
    return [Math.max(mean - half, 0), Math.min(mean + half, 1)];
  }
  const [a, b] = [mean * size, (1 - mean) * size];
  return [betaQuantile(0.05, a, b), betaQuantile(0.95, a, b)];
}

/** What an emulator says of levers: `values` has a number or "deferred" by the name of each. */
export function emulate(explored, values) {
  const deferred = explored.toggles.filter((name) => values[name] === "deferred");
  const fit = explored.fits.find(
    (one) => one.deferred.length === deferred.length && deferred.every((x) => one.deferred.includes(x)),
  );
  const t = fit.levers.map((name) => {
    const { low, high } = explored.levers.find((one) => one.lever === name);
    return (2 * (values[name] - low)) / (high - low) - 1;
  });
  const held = logistic(polynomial(fit.held, t, 3));
  const half = Math.exp(polynomial(fit.error, t, 2));
  const worth = Object.entries(fit.worth).map(([side, one]) => [side, polynomial(one, t, 3)]);
  return {
    held,
    half,
    error: [Math.max(held - half, 0), Math.min(held + half, 1)],
    members: membersInterval(held, logistic(polynomial(fit.both, t, 3))),
    agreed: logistic(polynomial(fit.agreed, t, 3)),
    worth: Object.fromEntries(worth),
  };
}
