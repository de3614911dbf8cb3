// Fedify's side: documents, inbox, and what this server does of itself when something arrives.

import {
  createFederation,
  MemoryKvStore,
  verifyObject,
} from "@fedify/fedify";
import {
  Accept,
  Activity,
  Announce,
  Block,
  Create,
  Delete,
  Endpoints,
  Flag,
  Follow,
  InteractionPolicy,
  InteractionRule,
  Like,
  Mention,
  Move,
  Note,
  Person,
  PUBLIC_COLLECTION,
  QuoteAuthorization,
  QuoteRequest,
  Reject,
  Undo,
  Update,
} from "@fedify/vocab";

/** The note as a Fedify object. */
export function noteObject(ctx, world, note) {
  const followers = ctx.getFollowersUri(note.by);
  const mentioned = note.mentions.map((href) => new URL(href));
  const [tos, ccs] = {
    public: [[PUBLIC_COLLECTION], [followers, ...mentioned]],
    unlisted: [[followers], [PUBLIC_COLLECTION, ...mentioned]],
    private: [[followers], mentioned],
    direct: [mentioned, []],
  }[note.visibility];
  const quotable = world.actor(note.by).quotable === "public" ? PUBLIC_COLLECTION : ctx.getActorUri(note.by);
  return new Note({
    id: new URL(note.id),
    attribution: ctx.getActorUri(note.by),
    content: note.content,
    summary: note.summary,
    published: note.published,
    updated: note.updated,
    replyTarget: note.replyTo == null ? null : new URL(note.replyTo),
    url: new URL(note.id),
    tos,
    ccs,
    tags: mentioned.map((href) => new Mention({ href, name: href.href })),
    quote: note.quote == null ? null : new URL(note.quote),
    quoteAuthorization: note.stamp == null ? null : new URL(note.stamp),
    interactionPolicy: new InteractionPolicy({
      canQuote: new InteractionRule({ automaticApproval: quotable }),
    }),
  });
}

/** The Create of a note. */
export function createOf(ctx, world, note) {
  const object = noteObject(ctx, world, note);
  return new Create({
    id: new URL(`${note.id}/activity`),
    actor: ctx.getActorUri(note.by),
    object,
    published: note.published,
    tos: [...object.toIds],
    ccs: [...object.ccIds],
  });
}

/** The actor as a Fedify object. */
export async function personObject(ctx, world, name) {
  const actor = world.actor(name);
  const keys = await ctx.getActorKeyPairs(name);
  return new Person({
    id: ctx.getActorUri(name),
    preferredUsername: name,
    name: actor.display,
    summary: actor.summary,
    url: ctx.getActorUri(name),
    inbox: ctx.getInboxUri(name),
    outbox: ctx.getOutboxUri(name),
    followers: ctx.getFollowersUri(name),
    following: ctx.getFollowingUri(name),
    endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
    publicKey: keys[0].cryptographicKey,
    assertionMethods: keys.map((pair) => pair.multikey),
    manuallyApprovesFollowers: actor.locked,
    aliases: actor.aliases.map((id) => new URL(id)),
    successor: actor.movedTo == null ? null : new URL(actor.movedTo),
  });
}

/** What a test may want to know of an object that was received. */
async function facts(object) {
  if (object == null) return null;
  return {
    id: object.id?.href ?? null,
    type: object.constructor.name,
    content: object.content?.toString() ?? null,
    summary: object.summary?.toString() ?? null,
    name: object.name?.toString() ?? null,
    author: object.attributionId?.href ?? null,
    replyTo: object.replyTargetId?.href ?? null,
    to: object.toIds.map((id) => id.href),
    cc: object.ccIds.map((id) => id.href),
    quote: object.quoteId?.href ?? null,
    stamp: object.quoteAuthorizationId?.href ?? null,
    updated: object.updated?.toString() ?? null,
  };
}

/** Whether the integrity proof of a document holds by Fedify's own verification; null when it has none. */
async function proofHolds(ctx, json) {
  if (json?.proof == null) return null;
  const options = { contextLoader: ctx.contextLoader, documentLoader: ctx.documentLoader };
  return (await verifyObject(Activity, json, options)) != null;
}

export function makeFederation(world, firstKnock) {
  const federation = createFederation({
    kv: new MemoryKvStore(),
    origin: world.origin,
    allowPrivateAddress: true,
    firstKnock,
  });

  federation
    .setActorDispatcher("/users/{identifier}", (ctx, name) =>
      world.actors.has(name) ? personObject(ctx, world, name) : null)
    .setKeyPairsDispatcher((_, name) => world.actors.get(name)?.keys ?? []);

  federation.setObjectDispatcher(Note, "/users/{identifier}/notes/{number}", (ctx, { identifier, number }) => {
    const note = world.notes.get(ctx.getObjectUri(Note, { identifier, number }).href);
    return note == null || !["public", "unlisted"].includes(note.visibility) ? null : noteObject(ctx, world, note);
  });
  federation.setObjectDispatcher(
    QuoteAuthorization,
    "/users/{identifier}/stamps/{number}",
    (ctx, values) => world.stamps.get(ctx.getObjectUri(QuoteAuthorization, values).href) ?? null,
  );

  federation.setOutboxDispatcher("/users/{identifier}/outbox", (ctx, name) => {
    const own = [...world.notes.values()].filter((note) => note.by === name && note.visibility === "public");
    return { items: own.reverse().map((note) => createOf(ctx, world, note)) };
  });
  federation.setFollowersDispatcher("/users/{identifier}/followers", (_, name) => ({
    items: [...world.actor(name).followers.values()],
  }));
  federation.setFollowingDispatcher("/users/{identifier}/following", () => ({ items: [] }));

  async function record(ctx, activity) {
    const body = world.bodies.get(activity.id?.href);
    let object = null;
    try {
      object = await activity.getObject(ctx);
    } catch {
      // Its id is told; what cannot be fetched is no failure of the activity.
    }
    world.received.push({
      type: activity.constructor.name,
      id: activity.id?.href ?? null,
      actor: activity.actorId?.href ?? null,
      objectId: activity.objectId?.href ?? null,
      target: activity.targetId?.href ?? null,
      result: activity.resultId?.href ?? null,
      scheme: body?.scheme ?? null,
      proof: await proofHolds(ctx, body?.json),
      object: await facts(object),
      json: body?.json ?? null,
    });
    return object;
  }

  async function onFollow(ctx, follow) {
    await record(ctx, follow);
    const parsed = ctx.parseUri(follow.objectId);
    if (parsed?.type !== "actor") return;
    const followed = world.actor(parsed.identifier);
    if (followed.locked) return;
    const follower = await follow.getActor(ctx);
    if (follower == null) return;
    followed.followers.set(follower.id.href, follower);
    const accept = new Accept({
      id: new URL(`${world.origin}/accepts/${world.next()}`),
      actor: follow.objectId,
      object: follow,
    });
    await ctx.sendActivity({ identifier: followed.name }, follower, accept);
  }

  async function onUndo(ctx, undo) {
    const object = await record(ctx, undo);
    if (!(object instanceof Follow)) return;
    const parsed = ctx.parseUri(object.objectId);
    if (parsed?.type === "actor") world.actor(parsed.identifier).followers.delete(undo.actorId?.href);
  }

  async function onQuoteRequest(ctx, request) {
    await record(ctx, request);
    const quoted = world.notes.get(request.objectId?.href);
    if (quoted == null) return;
    const author = world.actor(quoted.by);
    const asking = await request.getActor(ctx);
    const answer = { actor: ctx.getActorUri(author.name), object: request, to: request.actorId };
    if (author.quotable !== "public") {
      const reject = new Reject({ id: new URL(`${world.origin}/rejects/${world.next()}`), ...answer });
      await ctx.sendActivity({ identifier: author.name }, asking, reject);
      return;
    }
    const values = { identifier: author.name, number: String(world.next()) };
    const id = ctx.getObjectUri(QuoteAuthorization, values);
    world.stamps.set(
      id.href,
      new QuoteAuthorization({
        id,
        attribution: ctx.getActorUri(author.name),
        interactingObject: request.instrumentId,
        interactionTarget: request.objectId,
      }),
    );
    const accept = new Accept({ id: new URL(`${world.origin}/accepts/${world.next()}`), ...answer, result: id });
    await ctx.sendActivity({ identifier: author.name }, asking, accept);
  }

  const inbox = federation
    .setInboxListeners("/users/{identifier}/inbox", "/inbox")
    .on(Follow, onFollow)
    .on(Undo, onUndo)
    .on(QuoteRequest, onQuoteRequest);
  for (const type of [Accept, Announce, Block, Create, Delete, Flag, Like, Move, Reject, Update]) inbox.on(type, record);

  return federation;
}
