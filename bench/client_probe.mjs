// client_probe.mjs - runs in the page before the client does, and sees when its frames were done.
//
// A frame counts as painted when the first task after it runs: requestAnimationFrame is called
// before style, layout and paint of its frame, a message posted from there comes after them.

export function probe() {
  const waiting = [];
  const channel = new MessageChannel();
  channel.port1.onmessage = () => waiting.shift()(performance.now());
  /** Calls fn(when this frame was painted): from requestAnimationFrame only. */
  const painted = (fn) => {
    waiting.push(fn);
    channel.port2.postMessage(0);
  };
  /** Looks every frame; resolves to the frame that `shows` is true in. */
  const frame = (shows) =>
    new Promise((done) => {
      const look = () => {
        const begin = performance.now();
        if (shows()) painted((end) => done({ begin, end }));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
  let found;
  const face = (id) => {
    if (found?.dataset.card !== id || !found.isConnected)
      found = document.querySelector(`.lists [data-card="${id}"]`);
    return found;
  };
  const labels = (id) => face(id)?.querySelectorAll('.face-labels .hue').length ?? 0;
  const cards = document.getElementsByClassName('card');
  const seen = [];

  window.__probe = {
    first: frame(() => document.querySelector('.lists .card') !== null).then(({ end }) => end),
    /** Until this many cards are there: looked at seldom, because counting them takes time. */
    whole: (count) =>
      new Promise((done) => {
        const timer = setInterval(() => {
          if (cards.length < count) return;
          clearInterval(timer);
          done(performance.now());
        }, 100);
      }),

    /** From the next key to the frame that shows what it did. own: that frame's own work. */
    arm(kind, id) {
      const list = face(id).parentElement;
      const count = () => list.querySelectorAll(':scope > .card').length;
      const before = () => face(id)?.previousElementSibling?.dataset.card;
      const what = { add: count, label: () => labels(id), move: before }[kind];
      const was = what();
      const shows = () => what() !== was;
      this.action = new Promise((done) => {
        const key = (event) => {
          const from = event.timeStamp;
          void frame(shows).then(({ begin, end }) => done({ ms: end - from, own: end - begin }));
        };
        addEventListener('keydown', key, { capture: true, once: true });
      });
    },

    /** Every frame's length until frames() is called. */
    record() {
      let last = performance.now();
      const list = (this.list = []);
      const look = (now) => {
        if (this.list !== list) return;
        if (list.length > 0 || now > last) list.push(now - last);
        last = now;
        requestAnimationFrame(look);
      };
      requestAnimationFrame((now) => {
        last = now;
        requestAnimationFrame(look);
      });
    },
    frames() {
      const { list } = this;
      this.list = undefined;
      return list;
    },

    /** Times, by the clock that pages of one browser share, of keys here. */
    sendTimes() {
      this.sent = [];
      const key = ({ timeStamp, key: name }) => {
        if (name === '1') this.sent.push(performance.timeOrigin + timeStamp);
      };
      addEventListener('keydown', key, { capture: true });
    },
    /** And of frames in which the labels of this card are others than before. */
    seeTimes(id) {
      this.seen = seen;
      let was = labels(id);
      const look = () => {
        const now = labels(id);
        if (now !== was) painted((end) => seen.push(performance.timeOrigin + end));
        was = now;
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    },
  };
}
