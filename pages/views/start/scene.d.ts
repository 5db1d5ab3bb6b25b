// What the story asks of a scene, and what a scene may use.

/** The picture's size in pixels, pixels per sixteenth of a rem, where drawing begins and ends, and whether it is a phone's. */
export interface Metrics { w: number; h: number; u: number; left: number; right: number; compact: boolean }

/** One thing drawn; `key` says what it is in every scene, so that it can move from one picture to the next. */
export interface Mark { kind: string; key: string; cls: string; o: number; [name: string]: unknown }

/** What a hand or a key can hold: an ARIA slider on one number of the scene's state. `also` takes the other axis of a drag. */
export interface Handle {
  key: string; label: string; x: number; y: number; axis: "x" | "y" | "xy"; value: number; min: number; max: number; step: number; says: string;
  at(x: number, y: number): number; set(value: number): void; also?(x: number, y: number): void;
  style?: string; small?: boolean; quiet?: boolean; mute?: boolean;
}

export interface Button { key: string; label: string; icon?: string; main?: boolean; small?: boolean; pressed?: boolean; act(): unknown }

/** A number in words: settled if it came from kl_core, a preview if it was added up from what is drawn. */
export interface Readout { quantity: string; value: number; label: string; preview?: boolean; large?: boolean; past?: string }

/** A scene: its state as it begins, its picture, its gestures, and whether the gesture that it asks for was made. */
export interface Scene {
  start(data: any): any;
  draw(state: any, data: any, m: Metrics): any[];
  handles?(state: any, data: any, m: Metrics): any[];
  buttons?(state: any, m: Metrics, data: any): Button[];
  readouts?(state: any, data: any): Readout[];
  pick?(state: any, which: number): void;
  tick?(state: any, seconds: number, still: boolean): boolean;
  arriving?(state: any, t: number): any;
  /** What it asks for now, once that differs from the task it begins with; "" for nothing. */
  asks?(state: any): string | undefined;
  done(state: any): boolean;
  says(state: any, data: any): string;
  describe(state: any, data: any): string;
}
