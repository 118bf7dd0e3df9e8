export interface Interrupt {
  /** Ctrl-C once: nothing new is begun. */
  asked(): boolean;
  /** Ctrl-C twice: what runs is stopped. */
  readonly signal: AbortSignal;
  close(): void;
}

export function listenForInterrupts(say: (message: string) => void): Interrupt {
  const controller = new AbortController();
  let times = 0;
  const heard = (): void => {
    times += 1;
    if (times === 1) say('Interrupted: finishing what is running. Press Ctrl-C again to stop it now.');
    else controller.abort();
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return {
    asked: () => times > 0,
    signal: controller.signal,
    close() {
      process.off('SIGINT', heard);
      process.off('SIGTERM', heard);
    },
  };
}
