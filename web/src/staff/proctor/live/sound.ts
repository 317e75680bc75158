import { ref, watch } from "vue";
import type { Ring } from "./alarms";

const KEY = "kaochang.proctor.muted";

/** Frequency in Hz, start and length in seconds. */
type Tone = readonly [frequency: number, start: number, length: number];

const TONES: Record<Ring, readonly Tone[]> = {
  alarm: [0, 0.25, 0.5, 0.75].map((start, place) => [place % 2 === 0 ? 988 : 740, start, 0.2] as const),
  hand: [
    [660, 0, 0.15],
    [880, 0.18, 0.25],
  ],
  warning: [[520, 0, 0.18]],
};

/** Whether rings are silent on this device. */
export const muted = ref(localStorage.getItem(KEY) === "1");
watch(muted, (silent) => localStorage.setItem(KEY, silent ? "1" : "0"));

let context: AudioContext | null = null;

export function play(ring: Ring): void {
  if (muted.value) return;
  context ??= new AudioContext();
  void context.resume();
  for (const [frequency, start, length] of TONES[ring]) tone(context, frequency, context.currentTime + start, length);
}

function tone(audio: AudioContext, frequency: number, start: number, length: number): void {
  const oscillator = new OscillatorNode(audio, { frequency });
  const volume = new GainNode(audio, { gain: 0 });
  volume.gain.setTargetAtTime(0.25, start, 0.01);
  volume.gain.setTargetAtTime(0, start + length - 0.05, 0.02);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + length + 0.1);
}
