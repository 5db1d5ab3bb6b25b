// Times from an event's own timestamp until what it changed has been painted. Put into pages by the bench.
// A MutationObserver runs in the frame that made the change, before it is painted; a message posted from there
// is delivered once the main thread has painted.
(() => {
  // times: from the event to the paint; delays: of that, before any code of the page heard of the event.
  const watch = { times: [], delays: [], since: null };
  const channel = new MessageChannel();
  let painting = null;
  channel.port1.onmessage = () => {
    watch.times.push(performance.now() - painting.happened);
    watch.delays.push(painting.heard - painting.happened);
    painting = null;
  };

  // Starts the clock at the oldest such event that has not been painted yet.
  watch.from = (kind) => {
    removeEventListener(watch.kind, watch.start, true);
    Object.assign(watch, { kind, times: [], delays: [], since: null });
    watch.start = (event) => { watch.since ??= { happened: event.timeStamp, heard: performance.now() }; };
    addEventListener(kind, watch.start, true);
  };

  // Stops the clock when reading() gives something new; null means: not now.
  watch.until = (root, reading) => {
    watch.observer?.disconnect();
    let before = reading();
    watch.observer = new MutationObserver(() => {
      const now = reading();
      if (now === null || now === before) return;
      before = now;
      if (watch.since === null || painting !== null) return;
      [painting, watch.since] = [watch.since, null];
      channel.port2.postMessage(null);
    });
    watch.observer.observe(root, { attributes: true, childList: true, characterData: true, subtree: true });
  };

  window.watch = watch;
})();
