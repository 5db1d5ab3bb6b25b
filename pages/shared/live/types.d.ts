// Written by tools/browser_types.py from pages/shared/live/schema; do not change it here.

/** The table that curves shift and stretch: ascending places and the log-density at each. */
export interface Base {
  u: string;
  log_density: string;
}

/** The tables of a chart. frames: one of ys for every place of the scrubber; places: where the scrubber stands on its axis. */
export interface Chart {
  x_range: Array<number> | [number, number];
  y_range: Array<number> | [number, number];
  series: Array<Line>;
  places?: string;
  dots?: Array<number>;
  points?: Array<number>;
  marks?: Array<Mark>;
  marks_on_top?: boolean;
  x_ticks?: Array<Array<any>>;
  y_ticks?: Array<Array<any>>;
  name_at?: Array<number | null>;
  bars?: boolean;
  together?: boolean;
  stacked?: boolean;
  arrows?: boolean;
  frames?: boolean;
}

/** Lines, dots or bars: `Scene.charts[name]`. */
export interface ChartPanel {
  kind: "chart";
  name: string;
  label: string;
  series: Array<Series>;
  title?: string;
  note?: string;
  half?: boolean;
}

/** Where images lie in a latent space and how widely, in thousandths, for every place of the scrubber. */
export interface Cloud {
  places: string;
  spreads: string;
  labels: string;
  spans: string;
}

/** One part of a mixture: the key of its weight, and how its shift and stretch follow from the parameters. */
export interface Component {
  weight: string | null;
  shift: [string, string] | [string, string, string] | null;
  stretch: [string, string] | [string, string, string] | null;
}

/** A distribution on screen. base: its table, or once sent the name of one in `Scene.bases`. */
export interface Curve {
  label: string;
  family: string;
  style: string;
  filled: boolean;
  hidden: boolean;
  values: Record<string, any>;
  parameters: Array<Parameter>;
  handles: Array<Handle>;
  base: Base | string;
  components: Array<Component>;
  support: Array<number | null>;
  frames?: Record<string, Frames>;
  direct?: string;
  simplex?: string;
}

/** Curves with their handles. quiet: curves whose handles stand in another panel too; caption: the key of a line above. */
export interface CurvesPanel {
  kind: "curves";
  curves: Array<string>;
  label: string;
  title?: string;
  note?: string;
  caption?: string;
  quiet?: Array<string>;
  forces?: boolean;
  half?: boolean;
  wide?: boolean;
}

/** A slider of its own. */
export interface Dial {
  label: string;
  unit: string;
  low: number;
  high: number;
  step: number;
  value: number;
}

/** Sliders were left at these values. */
export interface Dialled {
  dials: Record<string, number>;
}

/** A slider for each of `Scene.dials`. */
export interface DialsPanel {
  kind: "dials";
  label: string;
}

/** The base table at other values of a shape parameter, and where its handle sits (at) in each. */
export interface Frames {
  values: Array<number>;
  at: Array<number>;
  at_current: number;
  log_density: string;
}

/** What a hand can hold: which parameter it moves, and where it sits. outcome: of a bar or a level. */
export interface Handle {
  key: string;
  kind: "shift" | "stretch" | "rate" | "log" | "low" | "high" | "frames" | "weight" | "bar" | "level";
  name: string;
  outcome?: number;
}

/** count pictures of side × side bytes; frames: a set for every place of the scrubber. */
export interface Images {
  pixels: string;
  side: number;
  count: number;
  columns: number;
  frames?: boolean;
}

/** Small grey pictures: `Scene.images[name]`. probe: they are a grid over a latent space and carry its probe. */
export interface ImagesPanel {
  kind: "images";
  name: string;
  label: string;
  title?: string;
  note?: string;
  half?: boolean;
  wide?: boolean;
  narrow?: boolean;
  probe?: boolean;
}

/** What each place contributes to KL(p‖q), below the number itself. chart: the title of that chart, and chart_note below it. */
export interface IntegrandPanel {
  kind: "integrand";
  p: string;
  q: string;
  quantity: string;
  title: string;
  note: string;
  chart?: string;
  chart_note?: string;
}

/** The probe of a latent space: where it was left, what torch decodes there, and the images themselves. */
export interface Latent {
  span: number;
  z: Array<number>;
  decoded: string;
  digits: string;
}

/** A latent space: `Scene.clouds[name]`. still: without the probe. */
export interface LatentPanel {
  kind: "latent";
  name: string;
  label: string;
  title?: string;
  note?: string;
  half?: boolean;
  still?: boolean;
}

/** −log of each outcome's probability under each curve. */
export interface LengthsPanel {
  kind: "lengths";
  curves: Array<string>;
  title: string;
  note?: string;
  label?: string;
  half?: boolean;
}

/** A curve's levels of any sign, such as logits. of: which of its values. */
export interface LevelsPanel {
  kind: "levels";
  curves: Array<string>;
  of: string;
  label: string;
  title?: string;
  note?: string;
  half?: boolean;
  wide?: boolean;
}

/** One series of a chart. error: a whisker's length at each place. */
export interface Line {
  x: string;
  y: string;
  error?: string | null;
}

/** A landscape's table and its ends. basins: which minimum each place descends to. */
export interface Map {
  loc: Array<number> | [number, number];
  log_scale: Array<number> | [number, number];
  size: Array<number> | [number, number];
  values: string;
  minima: Array<Minimum>;
  basins?: string;
  basin_size?: Array<number> | [number, number];
}

/** A landscape of `quantity` over a curve's loc and log scale; while `Scene.maps` has none, it waits. */
export interface MapPanel {
  kind: "map";
  quantity: string;
  curve: string;
  movable: boolean;
  label: string;
  title?: string;
  note?: string;
}

/** A vertical line with words. */
export interface Mark {
  x: number;
  label: string;
}

/** Where a landscape is least, and whether nowhere less. */
export interface Minimum {
  loc: number;
  scale: number;
  best: boolean;
}

/** A curve's parameters were moved. partial: the hand is still on it. question: the answer names it. */
export interface Moved {
  curve: string;
  values: Record<string, number | Array<number>>;
  partial: boolean;
  question: number;
}

/** A settled number in nats, as text since JSON has no infinity; and by which measure, of which curves, it is previewed. */
export interface Number {
  measure: string;
  of: Array<string>;
  value: string;
  status: string;
  reason: string | null;
  infinite_by: string | null;
  rank?: number;
  outcome?: number;
}

/** One number of a curve. key: its name, or "locs.1" for the second entry of a vector. below, above: a parameter it stays off. */
export interface Parameter {
  key: string;
  name: string;
  label: string;
  meaning: string;
  low: number;
  high: number;
  step: number;
  log: boolean;
  integer: boolean;
  below?: string;
  above?: string;
}

/** A probe was left at this place of a latent space. */
export interface Probed {
  z: Array<number>;
}

/** A number on screen. plain: it has no unit, or one of its own; whole: it counts something. */
export interface Readout {
  quantity: string;
  title: string;
  note?: string;
  plain?: boolean;
  whole?: boolean;
  size?: string;
}

/** One live picture. A scene without curves has neither kind nor view. */
export interface Scene {
  unit: Unit;
  panels: Array<CurvesPanel | IntegrandPanel | LengthsPanel | LevelsPanel | MapPanel | ChartPanel | SentencesPanel | ImagesPanel | LatentPanel | TermsPanel | DialsPanel | StretchedPanel>;
  numbers: Record<string, Number>;
  kind?: "discrete" | "continuous";
  view?: Array<number> | [number, number];
  curves?: Record<string, Curve>;
  names?: Array<string> | null;
  payer?: number | null;
  readouts?: Array<Readout>;
  stacks?: Array<Stack>;
  stack_range?: Array<number> | [number, number];
  size?: string;
  export?: string | null;
  hint?: string;
  hints?: Array<string>;
  captions?: Record<string, string>;
  levels?: Array<number> | [number, number];
  top?: number;
  top_of?: string;
  softens?: Softens;
  live?: Array<string>;
  partial?: Array<string> | null;
  linked?: Array<Array<string>>;
  scrub?: Scrub | null;
  charts?: Record<string, Chart>;
  maps?: Record<string, Map>;
  sentences?: Sentences;
  images?: Record<string, Images>;
  clouds?: Record<string, Cloud>;
  latent?: Latent;
  terms?: Terms;
  dials?: Record<string, Dial>;
  stretched?: Stretched;
  bases?: Record<string, Base>;
  early?: string | null;
  answers?: number;
  standalone?: boolean;
}

/** A slider along which torch has computed a track for curves' parameters and for numbers. */
export interface Scrub {
  label: string;
  unit: string;
  values: string;
  numbers: Record<string, string>;
  curves?: Record<string, Record<string, string>>;
  seconds?: number;
  start?: number;
}

/** The scrubber was left at this value of its own, which may be infinite. */
export interface Scrubbed {
  scrub: number;
}

/** count sentences of length tokens for every place of the scrubber. */
export interface Sentences {
  words: Array<string>;
  count: number;
  length: number;
  tokens: string;
  costs: string;
}

/** Sampled sentences, each word shaded by what it costs: `Scene.sentences`. */
export interface SentencesPanel {
  kind: "sentences";
  title: string;
  note?: string;
  half?: boolean;
}

/** How one line of a chart looks, and its name. */
export interface Series {
  style: string;
  label: string;
}

/** Curves whose bars are softmax(logits of one curve / T); T is the scrubber's where it is None. */
export interface Softens {
  of: string;
  at: Record<string, number | null>;
}

/** Two numbers end to end that make up a third. */
export interface Stack {
  style: string;
  parts: Array<string>;
  total: string;
  names: Array<string>;
}

/** Tables over β/λ. */
export interface Stretched {
  ratio: string;
  rate: string;
  weight: string;
  trained: Trained | null;
}

/** A table over β/λ stretched by the dial λ, and if tall made as much higher: `Scene.stretched[quantity]`. */
export interface StretchedPanel {
  kind: "stretched";
  quantity: string;
  title: string;
  note: string;
  label: string;
  range: Array<number> | [number, number];
  plain?: boolean;
  tall?: boolean;
}

/** A term's value, and its table over the one parameter that it depends on. label: of a force. */
export interface Term {
  value: number;
  key?: string;
  at?: string;
  table?: string;
  label?: string;
}

/** The terms of a sum, and the forces that its gradient is, on one curve's handles. */
export interface Terms {
  curve: string;
  parts: Array<Term>;
  forces: Array<Term>;
}

/** A sum whose terms have signs: `Scene.terms`. */
export interface TermsPanel {
  kind: "terms";
  names: Array<string>;
  total: string;
  label: string;
  title?: string;
  note?: string;
  half?: boolean;
}

/** What networks were measured at, for one λ. */
export interface Trained {
  lam: number;
  at: string;
  rate: string;
  weight: string;
}

/** What numbers are shown in; they travel in nats. */
export interface Unit {
  name: string;
  per_nat: number;
}

export type Panel = CurvesPanel | IntegrandPanel | LengthsPanel | LevelsPanel | MapPanel | ChartPanel | SentencesPanel | ImagesPanel | LatentPanel | TermsPanel | DialsPanel | StretchedPanel;

export type Message = Moved | Scrubbed | Probed | Dialled;
