// Numbers as words: per cent, points, stakes, and what may be said of a difference.

const SPACE = "\u00a0";
const MINUS = "\u2212";

function fixed(value, digits) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", MINUS);
}

function signed(value, digits) {
  const text = fixed(value, digits);
  return Number(value.toFixed(digits)) > 0 ? `+${text}` : text;
}

/** A chance in per cent. */
export function percent(chance, digits = 1) {
  return `${fixed(100 * chance, digits)}${SPACE}%`;
}

/** An interval of chances in per cent. */
export function percents([low, high], digits = 1) {
  return `${fixed(100 * low, digits)} to ${fixed(100 * high, digits)}${SPACE}%`;
}

/** A difference of chances in percentage points. */
export function points(difference, digits = 1) {
  return `${signed(100 * difference, digits)}${SPACE}points`;
}

/** An interval of differences of chances. */
export function pointsBetween([low, high], digits = 1) {
  return `${signed(100 * low, digits)} to ${signed(100 * high, digits)}`;
}

/** A worth, or with `sign` a difference of worths, in stakes. */
export function stakes(value, digits = 2, sign = false) {
  return sign ? signed(value, digits) : fixed(value, digits);
}

/** An interval of worths or of their differences. */
export function stakesBetween([low, high], digits = 3) {
  return `${signed(low, digits)} to ${signed(high, digits)}`;
}

/** A whole number with its thousands apart. */
export function whole(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** How many of 100 worlds. */
export function ofHundred(chance) {
  if (chance > 0 && chance < 0.005) return "fewer than 1 of 100 worlds";
  return `${fixed(100 * chance, 0)} of 100 worlds`;
}

/** The first letter as a capital one. */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A number of a lever without needless digits. */
export function plain(number) {
  return String(Number(number.toFixed(4))).replace("-", MINUS);
}

/** The value of a lever with its unit, as one would say it. */
export function valued(lever, value) {
  if (value === "deferred") return "deferred";
  if (value === true || value === false) return value ? "yes" : "no";
  if (typeof value === "string") return value;
  const { unit } = lever;
  if (unit === "share") return percent(value, 0);
  if (unit.startsWith("share of ")) return `${percent(value, 0)} of ${unit.slice(9)}`;
  if (unit.startsWith("multiple of ")) return `${plain(value)} times ${unit.slice(12)}`;
  if (unit === "days") return `${plain(value)} ${value === 1 ? "day" : "days"}`;
  if (ends(lever)) return `${plain(value)} of 1`;
  return plain(value);
}

/** The same, short: what stands beside a slider. */
export function brief(lever, value) {
  const { unit } = lever;
  if (typeof value !== "number") return valued(lever, value);
  if (unit.startsWith("share")) return percent(value, 0);
  if (unit.startsWith("multiple of ")) return `×${SPACE}${plain(value)}`;
  return unit === "days" ? valued(lever, value) : plain(value);
}

/** What the two ends of a scale are called, if its unit says so. */
export function ends(lever) {
  const found = /, 0 (.+) to 1 (.+)$/.exec(lever.unit);
  return found ? [found[1], found[2]] : null;
}

/** The unit in small letters below a slider, if the number beside it does not say it all. */
export function measured(lever) {
  const { unit } = lever;
  if (ends(lever)) return `0 is ${ends(lever)[0]}, 1 is ${ends(lever)[1]}`;
  if (unit.startsWith("share of ")) return `In per cent of ${unit.slice(9)}`;
  if (unit.startsWith("multiple of ")) return `1 is ${unit.slice(12)}`;
  return unit === "share" || unit === "days" ? "" : capital(unit);
}

/** The settings that were changed, in words. */
export function changes(levers, changed) {
  const told = levers
    .filter((lever) => lever.lever in changed)
    .map((lever) => `${lever.meaning}: ${brief(lever, changed[lever.lever])}`);
  return told.length ? told.join("; ") : "as it stands";
}

/** The finding in one sentence, from the odds now, as they stood, and the sign that may be told. */
export function finding(now, stood, sign, average = false) {
  if (sign === null) return `As it stands, a truce holds in ${ofHundred(now)}`;
  const head = `With these levers a truce holds in ${ofHundred(now)}`;
  if (sign === 0) return `${head}: no clear change`;
  const way = sign > 0 ? "up" : "down";
  const alike = ofHundred(now) === ofHundred(stood);
  const from = alike ? percent(stood) : ofHundred(stood).replace(" of 100 worlds", "");
  const told = alike
    ? `With these levers a truce holds in ${percent(now)} of worlds, ${way} from ${from}`
    : `${head}, ${way} from ${from}`;
  return average ? `${told}, members disagree` : told;
}

const VERDICTS = {
  ahead: ["more likely", "than as it stands", ""],
  behind: ["less likely", "than as it stands", ""],
  "ahead on average": ["more likely", "than as it stands on average", ", some say less"],
  "behind on average": ["less likely", "than as it stands on average", ", some say more"],
};

/** What the verdict on a paired difference of odds means. */
export function verdictOfOdds(difference, than = "as it stands") {
  const { mean, mc, ensemble, verdict } = difference;
  const dice = `dice ${pointsBetween(mc)}`;
  const members = ensemble ? `; nine in ten members ${pointsBetween(ensemble, 0)}` : "";
  if (!(verdict in VERDICTS)) {
    return `No difference from ${than} can be told: ${points(mean)} (${dice}${members}).`;
  }
  const [way, from, some] = VERDICTS[verdict];
  const head = capital(`${way} ${from.replace("as it stands", than)}`);
  return `${head}: ${points(mean)} (${dice}${members}${some}).`;
}

/** What the verdict on a paired difference of a side's worth means. */
export function verdictOfWorth(difference) {
  const { mean, mc, verdict } = difference;
  if (verdict === "tied" || !verdict) return `no difference can be told (${stakesBetween(mc)})`;
  const way = verdict.startsWith("ahead") ? "better off" : "worse off";
  const average = verdict.endsWith("on average") ? " on average, members differ" : "";
  return `${way} by ${stakes(Math.abs(mean), 3)}${average}`;
}

/** The sign that a verdict allows: 1, -1, or 0 for tied. */
export function signOf(verdict) {
  if (verdict?.startsWith("ahead")) return 1;
  return verdict?.startsWith("behind") ? -1 : 0;
}

/** What may be said of a difference whose error is known, but not what each member makes of it. */
export function emulatedChange(difference, error) {
  const size = `${points(difference)}, give or take ${fixed(100 * error, 1)}`;
  if (Math.abs(difference) <= error) return `No difference from as it stands can be told: ${size}.`;
  const way = difference > 0 ? "More" : "Less";
  return `${way} likely than as it stands, on average over the members: ${size}.`;
}
