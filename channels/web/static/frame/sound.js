// One soft sound for news nobody is looking at. Browsers allow it only after a first gesture in this frame.

let audio = null;

addEventListener("pointerdown", () => (audio ??= window.AudioContext && new AudioContext()), { once: true });

export function chime() {
  if (audio?.state !== "running") return;
  [659, 880].forEach((pitch, n) => {
    const from = audio.currentTime + n * 0.12;
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0.06, from);
    gain.gain.exponentialRampToValueAtTime(0.0001, from + 0.5);
    tone.connect(gain).connect(audio.destination);
    tone.start(from);
    tone.stop(from + 0.5);
  });
}
