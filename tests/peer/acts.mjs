// What a test can tell the people of this server to do. Each act is `POST /control/NAME` with JSON; `as` is who does it.

import { signObject, signRequest } from "@fedify/fedify";
import {
  Activity,
  Announce,
  Create,
  Delete,
  Follow,
  Like,
  Move,
  Note,
  PUBLIC_COLLECTION,
  QuoteRequest,
  Tombstone,
  Undo,
  Update,
} from "@fedify/vocab";
import { Temporal } from "@js-temporal/polyfill";

import { createOf, noteObject, personObject } from "./federation.mjs";

const SPECS = { rfc9421: "rfc9421", "draft-cavage": "draft-cavage-http-signatures-12" };

export class Acts {
  constructor(world, federation) {
    this.world = world;
    this.federation = federation;
    this.acts = {
      actor: (it) => this.actor(it),
      follow: (it) => this.follow(it),
      unfollow: (it) => this.unfollow(it),
      post: (it) => this.post(it),
      edit: (it) => this.edit(it),
      delete: (it) => this.remove(it),
      like: (it) => this.mark(it, Like, "likes"),
      boost: (it) => this.mark(it, Announce, "boosts"),
      undo: (it) => this.undo(it),
      profile: (it) => this.profile(it),
      move: (it) => this.move(it),
      quote: (it) => this.quote(it),
      stamp: (it) => this.stamp(it),
      document: (it) => this.document(it),
      forge: (it) => this.forge(it),
    };
  }

  has(name) {
    return Object.hasOwn(this.acts, name);
  }

  run(name, it) {
    return this.acts[name](it);
  }

  get ctx() {
    return this.federation.createContext(new URL(this.world.origin), undefined);
  }

  id(kind) {
    return new URL(`${this.world.origin}/${kind}/${this.world.next()}`);
  }

  now() {
    return Temporal.Now.instant();
  }

  /** A person of another server, fetched by id. */
  async person(ctx, as, id) {
    const documentLoader = await ctx.getDocumentLoader({ identifier: as });
    const found = await ctx.lookupObject(new URL(id), { documentLoader });
    if (found?.inboxId == null) throw new Error(`${id} is nobody: ${found}`);
    return found;
  }

  async send(as, recipients, activity) {
    await this.ctx.sendActivity({ identifier: as }, recipients, activity, { immediate: true });
    return { id: activity.id.href };
  }

  /** Followers of the author and everybody named, each once. */
  async audience(as, ids) {
    const ctx = this.ctx;
    const all = new Map(this.world.actor(as).followers);
    for (const id of ids) if (!all.has(id)) all.set(id, await this.person(ctx, as, id));
    return [...all.values()];
  }

  // {name}: makes a person
  async actor({ name, locked, quotable }) {
    const actor = await this.world.addActor(name);
    actor.locked = locked ?? actor.locked;
    actor.quotable = quotable ?? actor.quotable;
    return { id: this.ctx.getActorUri(name).href, handle: `${name}@${new URL(this.world.origin).host}` };
  }

  // {as, actor}: the id of the Follow is the answer
  async follow({ as, actor }) {
    const ctx = this.ctx;
    const followed = await this.person(ctx, as, actor);
    return this.send(as, followed, new Follow({ id: this.id("follows"), actor: ctx.getActorUri(as), object: followed.id }));
  }

  async unfollow({ as, actor, follow }) {
    const ctx = this.ctx;
    const followed = await this.person(ctx, as, actor);
    const me = ctx.getActorUri(as);
    const undone = new Follow({ id: new URL(follow), actor: me, object: followed.id });
    return this.send(as, followed, new Undo({ id: this.id("undos"), actor: me, object: undone }));
  }

  // {as, content, visibility, mentions, replyTo, tell}: `tell` names further people who get it
  async post({ as, content, summary, visibility, mentions, replyTo, tell, quote, stamp }) {
    const ctx = this.ctx;
    const values = { identifier: as, number: String(this.world.next()) };
    const note = {
      id: ctx.getObjectUri(Note, values).href,
      by: as,
      content: content ?? "<p>quoted</p>",
      summary: summary ?? null,
      visibility: visibility ?? "public",
      mentions: mentions ?? [],
      replyTo: replyTo ?? null,
      quote: quote ?? null,
      stamp: stamp ?? null,
      published: this.now(),
      updated: null,
    };
    this.world.notes.set(note.id, note);
    const told = await this.audience(as, [...note.mentions, ...(tell ?? [])]);
    await this.send(as, told, createOf(ctx, this.world, note));
    return { id: note.id };
  }

  // {as, id, content, tell}
  async edit({ as, id, content, tell, stamp }) {
    const ctx = this.ctx;
    const note = this.world.notes.get(id);
    note.content = content ?? note.content;
    note.stamp = stamp ?? note.stamp;
    note.updated = this.now();
    const object = noteObject(ctx, this.world, note);
    const activity = new Update({ id: this.id("updates"), actor: ctx.getActorUri(as), object, tos: [PUBLIC_COLLECTION] });
    return this.send(as, await this.audience(as, [...note.mentions, ...(tell ?? [])]), activity);
  }

  // {as, id, tell}
  async remove({ as, id, tell }) {
    this.world.notes.delete(id);
    const object = new Tombstone({ id: new URL(id) });
    const me = this.ctx.getActorUri(as);
    const activity = new Delete({ id: this.id("deletes"), actor: me, object, tos: [PUBLIC_COLLECTION] });
    return this.send(as, await this.audience(as, tell ?? []), activity);
  }

  // {as, object, author}: a Like or an Announce
  async mark({ as, object, author }, type, kind) {
    const ctx = this.ctx;
    const activity = new type({
      id: this.id(kind),
      actor: ctx.getActorUri(as),
      object: new URL(object),
      tos: [PUBLIC_COLLECTION],
      ccs: [new URL(author), ctx.getFollowersUri(as)],
      published: this.now(),
    });
    return this.send(as, await this.audience(as, [author]), activity);
  }

  // {as, id, type, object, author}: takes back a Like or an Announce
  async undo({ as, id, type, object, author }) {
    const me = this.ctx.getActorUri(as);
    const undone = new (type === "Like" ? Like : Announce)({ id: new URL(id), actor: me, object: new URL(object) });
    const activity = new Undo({ id: this.id("undos"), actor: me, object: undone });
    return this.send(as, await this.audience(as, [author]), activity);
  }

  // {as, display, summary, aliases, tell}
  async profile({ as, display, summary, aliases, tell }) {
    const ctx = this.ctx;
    const actor = this.world.actor(as);
    actor.display = display ?? actor.display;
    actor.summary = summary ?? actor.summary;
    actor.aliases = aliases ?? actor.aliases;
    const object = await personObject(ctx, this.world, as);
    const activity = new Update({ id: this.id("updates"), actor: object.id, object, tos: [PUBLIC_COLLECTION] });
    return this.send(as, await this.audience(as, tell ?? []), activity);
  }

  // {as, to}: moves the followers
  async move({ as, to }) {
    const actor = this.world.actor(as);
    actor.movedTo = to;
    const me = this.ctx.getActorUri(as);
    const activity = new Move({ id: this.id("moves"), actor: me, object: me, target: new URL(to), tos: [PUBLIC_COLLECTION] });
    return this.send(as, [...actor.followers.values()], activity);
  }

  // {as, content, quoted, author}: asks the author for leave; the note goes out with `stamp` when it was given
  async quote({ as, content, quoted, author }) {
    const ctx = this.ctx;
    const { id } = await this.post({ as, content, quote: quoted });
    const instrument = noteObject(ctx, this.world, this.world.notes.get(id));
    const me = ctx.getActorUri(as);
    const request = new QuoteRequest({ id: this.id("quotes"), actor: me, object: new URL(quoted), instrument });
    await this.send(as, await this.person(ctx, as, author), request);
    return { id, request: request.id.href };
  }

  // {as, id, stamp, tell}: puts the stamp that permits a quote on a note and tells everybody
  stamp(it) {
    return this.edit(it);
  }

  // {as, url}: the document at an address, as Fedify understands it after a signed fetch
  async document({ as, url }) {
    const ctx = this.ctx;
    const documentLoader = await ctx.getDocumentLoader({ identifier: as });
    const found = await ctx.lookupObject(new URL(url), { documentLoader });
    return found == null ? { found: false } : { found: true, type: found.constructor.name, json: await found.toJsonLd() };
  }

  // {activity, signer, keyId, key, scheme, sent, age, proof, to}: a hand-made activity, signed by Fedify and spoilt on purpose
  //   signer: whose key signs; key: "own", or "fresh" for one that nobody published; keyId: what the signature claims
  //   sent: the body that is really sent, where it is not the one that was signed; age: seconds since it was signed
  //   proof: whose integrity proof the activity carries; proofOf: the activity that the proof was made for, if another
  async forge({ activity, signer, keyId, key, scheme, sent, age, proof, spoil, to }) {
    const ctx = this.ctx;
    const pairs = await ctx.getActorKeyPairs(signer);
    const keys = key === "fresh" ? (await this.world.freshKeys())[0].privateKey : pairs[0].privateKey;
    let document = activity;
    if (proof != null) {
      const ed25519 = (await ctx.getActorKeyPairs(proof))[1];
      const options = { contextLoader: ctx.contextLoader, documentLoader: ctx.documentLoader };
      const parsed = await Activity.fromJsonLd(activity, options);
      const signed = await signObject(parsed, ed25519.privateKey, ed25519.multikeyId ?? ed25519.multikey.id, options);
      document = await signed.toJsonLd({ format: "compact", contextLoader: ctx.contextLoader });
      if (spoil != null) document = JSON.parse(JSON.stringify(document).replace(spoil.from, spoil.to));
    }
    const body = JSON.stringify(document);
    const headers = { "content-type": "application/activity+json" };
    const currentTime = this.now().subtract({ seconds: age ?? 0 });
    const request = new Request(to, { method: "POST", headers, body });
    const signed = await signRequest(request, keys, new URL(keyId ?? pairs[0].keyId), {
      spec: SPECS[scheme ?? "rfc9421"],
      currentTime,
    });
    const real = sent == null ? body : JSON.stringify(sent);
    const answer = await fetch(new Request(to, { method: "POST", headers: signed.headers, body: real }));
    return { status: answer.status, text: await answer.text() };
  }
}
