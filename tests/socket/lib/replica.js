// replica.js - what a client that only applies effects knows of a board: tier 1.
//
// Two replicas at the same seq must be equal, and equal to the server's state at that seq. It
// shares no code with the client or the server.

import { isDeepStrictEqual } from 'node:util';

const TIER2 = { card: new Set(['desc']), board: new Set(['desc']) };

export class Replica {
  /** @param {[string, object][]} state a snapshot's state */
  constructor(state = []) {
    this.objects = new Map(); // 'kind/id' -> fields
    for (const [kind, fields] of state)
      this.objects.set(`${kind}/${fields.id}`, structuredClone(fields));
  }

  /** A replica that follows a live client from its snapshot and the events it already had. */
  static follow(live) {
    const replica = new Replica(live.snapshot?.state);
    const from = live.snapshot?.pos[0] ?? 0;
    for (const event of live.events) if (event.s > from) replica.apply(event);
    live.listeners.add((event) => replica.apply(event));
    return replica;
  }

  get(kind, id) {
    return this.objects.get(`${kind}/${id}`);
  }

  /** Every object of a kind, in the order of (pos, id). */
  all(kind) {
    const found = [];
    for (const [key, fields] of this.objects) if (key.startsWith(`${kind}/`)) found.push(fields);
    return found.sort((a, b) => (a.pos ?? 0) - (b.pos ?? 0) || (a.id < b.id ? -1 : 1));
  }

  apply(event) {
    for (const [form, kind, ids, ...rest] of event.e) {
      const list = Array.isArray(ids) ? ids : [ids];
      list.forEach((id, index) =>
        this.applyOne({ form, kind, id, index, many: Array.isArray(ids), s: event.s }, rest),
      );
    }
  }

  applyOne({ form, kind, id, index, many, s }, [what, element, on]) {
    const key = `${kind}/${id}`;
    if (form === 'add') {
      if (what.idCard) return; // a part of a card: tier 2
      this.objects.set(key, { id, s, ...structuredClone(this.tier1(kind, what)) });
      return;
    }
    const object = this.objects.get(key);
    if (!object) return; // of tier 2, or of a kind this replica does not know
    if (form === 'del') this.objects.delete(key);
    else if (form === 'set') {
      for (const [field, value] of Object.entries(this.tier1(kind, what))) {
        object[field] =
          many && Array.isArray(value) && !Array.isArray(object[field]) ? value[index] : value;
      }
    } else if (form === 'tag') {
      const others = (object[what] ?? []).filter((one) => one !== element);
      object[what] = on
        ? [...(object[what]?.includes(element) ? object[what] : [...others, element])]
        : others;
    }
    object.s = s;
  }

  tier1(kind, fields) {
    return Object.fromEntries(Object.entries(fields).filter(([name]) => !TIER2[kind]?.has(name)));
  }

  /** '' when both hold the same (ids of sets in any order), or the first difference. */
  difference(other) {
    const clean = ({ s, ...fields }) =>
      Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [
          name,
          Array.isArray(value) ? [...value].sort() : value,
        ]),
      );
    for (const key of new Set([...this.objects.keys(), ...other.objects.keys()])) {
      const [mine, theirs] = [this.objects.get(key), other.objects.get(key)];
      if (!mine || !theirs) return `${key} is only in ${mine ? 'the first' : 'the second'}`;
      if (!isDeepStrictEqual(clean(mine), clean(theirs))) {
        return `${key}: ${JSON.stringify(mine)} and ${JSON.stringify(theirs)}`;
      }
    }
    return '';
  }
}
