#!/usr/bin/env python3
"""Model of the ledger: batches, caps, keys, settlement and reversal, from the client's request to the standby.

A request is one HTTP request with the id that its gateway made; a client's retry is another. Every interleaving is explored
of: the request's way to a replica, its batch, locks, commit and reply, a gateway that gives up, clients that leave,
settlement, lost connections whose transactions live on (they commit late or never), time-outs, kill -9 of gateway, replica
and database, a commit cut off from its standby, failover, month ends, changed caps.

  ledger_model.py check                  the protocol: exhaustively in each scenario, then random schedules of a larger one
  ledger_model.py mutants                each rule removed in turn: every one must be caught
  ledger_model.py replay SEED [MUTANT]   the steps of a random schedule
  ledger_model.py replay MUTANT          the shortest steps to its violation
"""
import random
import sys
import time
from collections import deque, namedtuple

FREE = 10**6  # no cap
# What a client asks for. body: one profile each. gateway "r0": none, but a gRPC client of replica 0, which plays the gateway's
# part and dies with it. poison: its charge is an error. twin: the call whose request id this one claims to have; -1: none
Call = namedtuple("Call", "account token amount key body gateway replica retries poison twin",
                  defaults=(0, 0, 1, "", "b", 0, 0, 0, False, -1))
Posting = namedtuple("Posting", "account seq kind id amount month reverses")
Account = namedtuple("Account", "open last balance month spent cap ceiling")
Budget = namedtuple("Budget", "month spent cap ceiling")                       # of a token with a cap
# claims: {(account, key, id)}. holders: {(id, charged id)}, who was answered with which charge. usage: ((account, day, token,
# profile), (predictions, amount)), sorted; a day is a month here
DB = namedtuple("DB", "postings accounts budgets claims holders answers usage")
# owner: a replica's charge lane 0 or 1; 100 + request: its gateway's settlement; 200 + request: its replica's own; -1: nobody,
# the connection was lost. held: locks taken. at: 0 sent, 1 has read without them (mutants), 2 has them all since `clock`, 3
# committed and not told
Tx = namedtuple("Tx", "kind owner items resend held at clock since seen verdicts")
# gateway: new sent have, settle (the client waits) bg (it does not), end dead. replica: "" queue wait unknown alone settle reply
# dead. heard: "" 200 402 409 502 none
Request = namedtuple("Request", "gateway replica heard verdict resend")
State = namedtuple("State", "db safe txs requests clock changed left")         # safe: the database as its standby has it
LOSS, CRASH, CUT, FAILOVER, GATEWAY, REPLICA, GIVEUP, TICK, BACK = range(9)    # what `left` counts

RULES = {  # removed one at a time
    "no_claim": "the idempotency key is claimed in the charge's transaction",
    "claim_first": "the key is claimed by the charge, not before it in a transaction of its own",
    "answer_after": "a keyed answer is stored before the charge",
    "check_before_lock": "cap and sequence are read under the row lock (else: absolute writes)",
    "cap_before_lock": "the cap is read under the lock, as the counters are",
    "keys_before_lock": "request id and key are looked up under the lock, with a unique key behind",
    "fresh_id": "a resend has the same request id",
    "no_request_key": "a request id is looked up in the journal and unique there",
    "no_resend": "a lost connection is an unknown outcome: the charge is sent again",
    "answer_early": "callers resume after the batch's commit (PIPELINE_SYNC)",
    "cap_before_duplicate": "whether a request is decided already is asked before the cap",
    "no_tombstone": "a resend that is refused leaves a tombstone",
    "clock_before_lock": "the clock is read under the lock",
    "no_monotone_month": "an account's month never goes back",
    "batch_fails_together": "a batch's error: each again alone",
    "batch_sum": "the account's cap counts what the same batch charges",
    "token_batch_sum": "the token's cap counts what the same batch charges",
    "lock_order": "a batch locks its accounts in their order",
    "resend_unmarked": "what is sent again says so",
    "unknown_forgotten": "once unknown, a definite error of a later attempt does not make the outcome known",
    "first_is_resend": "ids are the gateway's; a first attempt whose id is charged already is refused",
    "void_after_claim": "a settled request is refused before its key is looked at",
    "claim_without_body": "a claim tells what was asked for",
    "replay_unlocked": "a replay is decided under the lock, as a holder of the charge (design: a read)",
    "early_month": "the early look at the caps knows when the month has ended",
    "early_before_key": "the early look at the caps passes over a key that has an answer",
    "no_settle": "the gateway settles what it answers 502 to",
    "settle_off_path": "the 502 goes out when the settlement is answered (design: before)",
    "settle_once": "settlement is asked for until it is answered",
    "settle_no_reversal": "settling reverses a charge",
    "settle_no_tombstone": "settling what is not charged leaves a tombstone",
    "settle_before_lock": "settling looks for the charge under the lock, with a unique key behind",
    "settle_unopened": "settling opens an account that has no row",
    "keyed_kept": "a keyed charge is reversed, too (design: its retry replays it)",
    "claim_kept": "a reversed charge has no key any more",
    "no_holders": "a charge stands while another request holds it",
    "replay_final": "a replayed charge is reversed when the last of its holders is settled",
    "deliver_settled": "no answer is delivered once settling has begun",
    "settle_answered": "what a status was sent for is not settled",
    "own_settle_first": "a replica answers \"not charged\" when its own settlement is answered",
    "reverse_twice": "a charge is reversed once",
    "reversal_deletes": "postings are never deleted",
    "usage_kept": "a reversal takes back the usage of the charge's day",
    "balance_kept": "a reversal takes back the balance",
    "spent_kept": "a reversal takes back what the account has spent",
    "token_spent_kept": "a reversal takes back what the token has spent",
    "spent_any_month": "a reversal of an earlier month's charge leaves this month's budget alone",
    "ceiling_kept": "a reversal under a lowered cap lowers the ceiling",
    "warning_is_success": "a commit that did not wait for its standby (WARNING) is an unknown outcome",
    "found_without_wait": "what finds its decision waits for the standby, too (known trap: ON CONFLICT DO NOTHING)",
}


def standing(db):
    """The charges that are not reversed, by their ids."""
    gone = {(p.account, p.reverses) for p in db.postings if p.kind == "reversal"}
    return {p.id: p for p in db.postings if p.kind == "charge" and (p.account, p.seq) not in gone}


def rolled(x, month):
    """An account or a token's budget in a month: a new one begins with nothing spent and the cap as wished."""
    return x._replace(month=month, spent=0, ceiling=x.cap) if x and month > x.month else x


def put(items, i, x): return items[:i] + (x,) + items[i + 1:]


class Ledger:
    """The schema's functions, each a transaction under its accounts' locks."""

    def __init__(self, calls, broken):
        self.calls, self.broken = calls, broken

    def of(self, id): return self.calls[id % 100]

    def full(self, db, c, month, truly=False):
        """Which cap a charge would exceed; truly: by the postings alone, which kept sums are held against."""
        for by, x in ("account", rolled(db.accounts[c.account], month)), ("token", rolled(db.budgets[c.token], month)):
            spent = sum(p.amount for p in standing(db).values() if p.month == month
                        and getattr(self.of(p.id), by) == getattr(c, by)) if truly else x and x.spent
            if x and spent + c.amount > (x.cap if truly else x.ceiling): return by + " cap"
        return ""

    def decided(self, db, id): return next((p for p in db.postings if p.id == id and p.kind != "reversal"), None)

    def claimant(self, db, c, id=-1):
        """The id whose answer a key has, for as long as its charge stands."""
        ids = [r for account, key, r in sorted(db.claims) if (account, key) == (c.account, c.key) and r != id]
        return next((r for r in ids if r in standing(db) or self.broken in ("claim_first", "claim_kept")), -1)

    def verdict(self, db, caps, keys, id, resend, month):
        """What is decided for one request, and with whose charge it is answered."""
        b, c, full = self.broken, self.of(id), self.full(caps, self.of(id), month)
        if b == "cap_before_duplicate" and full: return full, -1
        own = None if b in ("no_request_key", "fresh_id") else self.decided(keys, id)
        if own and own.kind == "charge":
            if not resend and b != "first_is_resend": return "taken", -1
            return ("ok", id) if id in standing(keys) else ("void", -1)
        if own and b != "void_after_claim": return "void", -1
        winner = next((charge for r, charge in keys.holders if r == id), self.claimant(keys, c, id) if c.key else -1)
        if winner >= 0: return ("ok", winner) if self.of(winner).body == c.body or b == "claim_without_body" else ("reused", -1)
        return ("void", -1) if own else (full, -1) if full else ("new", id)

    def charge(self, db, tx, seen):
        """ledger.charge: the database with a batch's writes, and its verdicts; or None and what is wrong with them."""
        b, start, verdicts = self.broken, db, {}
        if any(self.of(id).poison for id in tx.items):
            return db, tuple(("error", -1) for _ in tx.items)                  # the transaction fails as a whole
        for id in sorted(tx.items, key=lambda id: (self.of(id).account, self.of(id).token, id)):
            c = self.of(id)
            month = tx.clock if b == "no_monotone_month" else max(db.accounts[c.account].month, tx.clock)
            caps = {"check_before_lock": seen, "cap_before_lock": seen, "batch_sum": db._replace(accounts=start.accounts),
                    "token_batch_sum": db._replace(budgets=start.budgets)}.get(b, db)
            word, by = self.verdict(db, caps, seen if b == "keys_before_lock" else db, id, tx.resend, month)
            truly_full = self.full(db, c, month, truly=True)
            if word.endswith("cap") and (not truly_full or c.key and self.claimant(db, c) >= 0):
                return None, "refused for a cap that is not reached" if not truly_full else "a key's answer refused for the cap"
            if word == "new":
                if truly_full: return None, truly_full + " exceeded"
                db = self.book(db, "charge", id, c, month, month, base=seen if b == "check_before_lock" else db)
                db = db._replace(holders=db.holders | {(id, id)},
                                 claims=db.claims | {(c.account, c.key, id)} if c.key and b != "no_claim" else db.claims)
            elif word == "ok" and by != id and b != "replay_unlocked":
                db = db._replace(holders=db.holders | {(id, by)})
            elif word not in ("ok", "void", "taken") and tx.resend and b != "no_tombstone":
                db = self.book(db, "void", id, c, month, month)
            verdicts[id] = ("ok" if word == "new" else word, by)
        return db, tuple(verdicts[id] for id in tx.items)

    def settle(self, db, tx, seen):
        """ledger.settle: for good, this request is not answered. What it was answered with stands while another holds it."""
        b, id, answer = self.broken, tx.items[0], (("void", -1),)
        c, a = self.of(id), db.accounts[self.of(id).account]
        if not a.open and b == "settle_unopened": return db, answer
        db = db._replace(accounts=put(db.accounts, c.account, a._replace(open=True)))
        month, own = max(a.month, tx.clock), self.decided(seen if b == "settle_before_lock" else db, id)
        charge = next((charge for r, charge in db.holders if r == id), id if own and own.kind == "charge" else -1)
        if own is None and b != "settle_no_tombstone":
            db = self.book(db, "void", id, c, month, month)
        if charge < 0 or b == "settle_no_reversal" or b == "keyed_kept" and c.key: return db, answer
        if b == "reversal_deletes": return db._replace(postings=tuple(p for p in db.postings if p.id != charge)), answer
        if b != "replay_final" or len([r for r, x in db.holders if x == charge]) == 1:
            db = db._replace(holders=db.holders - {(id, charge)})
            if (b == "no_holders" or all(x != charge for _, x in db.holders)) and (b == "reverse_twice" or charge in standing(db)):
                p = self.decided(db, charge)
                db = self.book(db, "reversal", -1, self.of(charge), month, p.month, reverses=p.seq)
        return db, answer

    def book(self, db, kind, id, c, month, day, reverses=-1, base=None):
        """Writes a posting. Usage, balance and what the month has spent follow; a reversal's are those of its charge's day."""
        b, sign = self.broken if kind == "reversal" else "", {"charge": 1, "void": 0, "reversal": -1}[kind]
        amount, old, a = sign * c.amount, rolled((base or db).accounts[c.account], month), rolled(db.accounts[c.account], month)
        budget, usage, key = rolled(db.budgets[c.token], month), dict(db.usage), (c.account, day, c.token, c.body)

        def spend(x, spent, kept):
            if not sign or kept or day != x.month and b != "spent_any_month": return x
            spent = max(0, spent + amount)
            return x._replace(spent=spent, ceiling=max(x.cap, spent) if sign < 0 and b != "ceiling_kept" else x.ceiling)
        a = spend(a, old.spent, b == "spent_kept")._replace(last=old.last + 1, balance=a.balance + (amount if b != "balance_kept" else 0))
        if budget:
            budget = spend(budget, budget.spent, b == "token_spent_kept")
        if sign and b != "usage_kept":
            n, total = usage.get(key, (0, 0))
            usage[key] = (n + sign, total + amount)
        p = Posting(c.account, old.last + 1, kind, id, c.amount if sign else 0, month, reverses)
        return db._replace(postings=db.postings + (p,), accounts=put(db.accounts, c.account, a), budgets=put(db.budgets, c.token, budget),
                           usage=tuple(sorted((k, v) for k, v in usage.items() if v != (0, 0))))

    def change(self, db, what, clock):
        """open: an account's row, with its first card. cap, token: sets a cap, perhaps below what is spent."""
        kind, account, token, cap = what
        a = rolled(db.accounts[account], clock)
        if kind == "open":
            a = a._replace(open=True)
        elif kind == "cap":
            a = a._replace(cap=cap, ceiling=max(cap, a.spent))
        else:
            used = sum(amount for key, (_, amount) in db.usage if key[:3] == (account, a.month, token))
            db = db._replace(budgets=put(db.budgets, token, Budget(a.month, used, cap, max(cap, used))))
        return db._replace(accounts=put(db.accounts, account, a))

    def wrong(self, db):
        """What must hold of every database."""
        alive, usage, found = standing(db), {}, {}
        for i, a in enumerate(db.accounts):
            mine = [p for p in db.postings if p.account == i]
            charges, back = [p for p in mine if p.kind == "charge"], [p for p in mine if p.kind == "reversal"]
            found |= {
                "sequence not gapless": [p.seq for p in mine] != list(range(1, a.last + 1)),
                "a month was charged after the next had begun": any(x.month > y.month for x, y in zip(mine, mine[1:])),
                "a charge reversed twice": len({p.reverses for p in back}) < len(back),
                "a reversal that is not its charge's": {(p.reverses, p.amount) for p in back} - {(p.seq, p.amount) for p in charges},
                "balance is not the postings'": a.balance != sum(p.amount for p in charges) - sum(p.amount for p in back),
                "account's spent is not the postings'":
                    a.spent != sum(p.amount for p in alive.values() if (p.account, p.month) == (i, a.month))}
            if any(found.values()): break
        ids, keyed = [p.id % 100 for p in db.postings if p.kind != "reversal"], []
        for id, p in alive.items():
            c, key = self.of(id), (p.account, p.month, self.of(id).token, self.of(id).body)
            n, amount = usage.get(key, (0, 0))
            usage[key] = (n + 1, amount + p.amount)
            keyed += [(p.account, c.key)] if c.key else []
        found |= {
            "one request decided twice": len(set(ids)) < len(ids), "one key charged twice": len(set(keyed)) < len(keyed),
            "usage is not the postings'": tuple(sorted(usage.items())) != db.usage,
            "token's spent is not the postings'": any(t and t.spent != sum(
                p.amount for id, p in alive.items() if (self.of(id).token, p.month) == (n, t.month)) for n, t in enumerate(db.budgets))}
        return next((text for text, bad in found.items() if bad), "")


class Model:
    def __init__(self, scenario, broken=None):
        self.scenario, self.broken = scenario, broken
        tries = [(c, n) for c in scenario.calls for n in range(c.retries + 1)]
        self.calls = [c for c, _ in tries]
        self.replica = [(c.replica + n) % 2 for c, n in tries]
        self.ledger = Ledger(self.calls, broken)
        self.numbers, self.dbs, self.ruled, self.decisions = {}, [], {}, {}
        accounts = tuple(Account(scenario.open, 0, 0, 0, 0, cap, cap) for cap in scenario.caps)
        budgets = tuple(None if cap == FREE else Budget(0, 0, cap, cap) for cap in scenario.tokens)
        db = self.number(DB((), accounts, budgets, frozenset(), frozenset(), frozenset(), ()))
        requests = tuple(Request("new" if n else "sent", "", "", ("", -1), 0) for _, n in tries)
        self.start = State(db, db, (), requests, 0, 0, tuple(scenario.faults.get(fault, 0) for fault in range(9)))

    def number(self, db):
        if db not in self.numbers:
            self.numbers[db] = len(self.dbs)
            self.dbs.append(db)
        return self.numbers[db]

    def id(self, i, x):
        twin = self.calls[i].twin
        return twin if twin >= 0 and self.broken == "first_is_resend" else i + 100 * (x.resend if self.broken == "fresh_id" else 0)

    def decide(self, s, tx):
        key = (s.db, tx.kind, tx.items, tx.resend, tx.clock, tx.seen)
        if key not in self.decisions:
            db, verdicts = getattr(self.ledger, tx.kind)(self.dbs[s.db], tx, self.dbs[max(tx.seen, 0)])
            self.decisions[key] = db and self.number(db), verdicts
        return self.decisions[key]

    # -- helpers of steps
    def spend(self, s, fault): return s._replace(left=put(s.left, fault, s.left[fault] - 1))

    def set(self, s, i, **changes):
        """A request's new state. What nobody reads any more is one state."""
        x = s.requests[i]._replace(**changes)
        if x.replica == "reply" and self.broken not in ("deliver_settled", "fresh_id"):
            unread = x.gateway not in ("sent", "have") and x.heard != "200"
            x = x._replace(replica="dead", verdict=("", -1), resend=0) if unread else x._replace(resend=0)
        return s._replace(requests=put(s.requests, i, x))

    def swap(self, s, tx, *more):
        """Takes a transaction away, or puts others in its place."""
        return s._replace(txs=tuple(sorted([x for x in s.txs if x is not tx] + [*more])))

    def send(self, s, kind, owner, items, resend=0):
        return self.swap(s, None, Tx(kind, owner, items, resend, 0, 0, -1, -1, -1, ()))

    def locks(self, tx):
        accounts = [self.calls[id % 100].account for id in tx.items]
        return list(dict.fromkeys(accounts)) if self.broken == "lock_order" else sorted(set(accounts))

    def steps(self, s):
        """Every step: (whether it goes on by itself, its name, the next state, or what is wrong)."""
        owners = {tx.owner for tx in s.txs}
        for i, x in enumerate(s.requests):
            yield from self.request(s, i, x, owners)
        for j in {0, 1} - owners:                              # charge lanes: one call in flight
            mine = [i for i, x in enumerate(s.requests) if self.replica[i] == j]
            queue = [i for i in mine if s.requests[i].replica == "queue"]
            batch = [i for i in queue if not any(self.calls[k].key == self.calls[i].key != "" for k in queue[:queue.index(i)])]
            unknown = [i for i in mine if s.requests[i].replica == "unknown"]
            for group in filter(None, [batch, unknown, *([i] for i in mine if s.requests[i].replica == "alone")]):
                t, again = s, s.requests[group[0]].resend
                for i in group:
                    t = self.set(t, i, replica="wait")
                items = tuple(self.id(i, s.requests[i]) for i in (group[::-1] if j else group))    # both orders of a batch
                resend = 0 if self.broken == "resend_unmarked" else again
                yield True, f"replica {j} sends {group}{' again' if again else ''}", self.send(t, "charge", j, items, resend)
        for tx in s.txs:
            yield from self.transaction(s, tx)
        yield from self.faults(s)

    def request(self, s, i, x, owners):
        """The gateway's part, and the replica's before and after the database."""
        b, c, set = self.broken, self.calls[i], self.set
        if x.gateway == "new" and s.requests[i - 1].heard in ("502", "none"):
            yield False, f"{i}: the client retries", set(s, i, gateway="sent")
        if x.gateway != "new" and x.replica == "":
            yield True, f"{i}: reaches replica {self.replica[i]}", self.arrive(s, i)
        if x.gateway == "sent" and x.replica == "reply":
            word = x.verdict[0]
            heard = "402" if word == "no card" or word.endswith("cap") else "409" if word == "reused" else "502"
            yield True, f"{i}: {word} reaches the gateway", set(s, i, gateway="have") if word == "ok" else set(s, i, gateway="end", heard=heard)
        if x.gateway == "have":
            yield True, f"{i}: 200", set(s, i, gateway="end", heard="200")
        if b == "deliver_settled" and x.gateway == "settle" and x.replica == "reply" and x.verdict[0] == "ok":
            yield True, f"{i}: 200 while it settles", set(s, i, gateway="bg", heard="200")
        lost = x.gateway == "sent" and x.replica == "dead"
        impatient = x.gateway in ("sent", "have") and not lost and s.left[GIVEUP] and c.twin < 0
        if lost or impatient:                                  # no answer, or none that can be delivered
            t = self.spend(s, GIVEUP) if impatient else s
            to = {"no_settle": ("end", "502"), "settle_off_path": ("bg", "502")}.get(b, ("settle", ""))
            yield lost, f"{i}: given up", set(t, i, gateway=to[0], heard=to[1])
        if s.left[GIVEUP] and (impatient or x.gateway == "settle"):
            yield False, f"{i}: the client leaves, or is left without a status", set(self.spend(s, GIVEUP), i, gateway="bg", heard="none")
        if b == "settle_answered" and x.heard == "200" and x.gateway == "end" and s.left[GIVEUP]:
            yield False, f"{i}: the body breaks off", set(self.spend(s, GIVEUP), i, gateway="bg")
        if x.gateway in ("settle", "bg") and 100 + i not in owners:
            yield True, f"{i}: its settlement is asked for", self.send(s, "settle", 100 + i, (i,))
        if x.replica == "unknown" and s.left[GIVEUP]:
            to = dict(replica="reply", verdict=("void", -1)) if b == "own_settle_first" else dict(replica="settle")
            yield False, f"{i}: its replica has no more time", set(self.spend(s, GIVEUP), i, **to)
        if x.replica == "settle" and 200 + i not in owners:
            yield True, f"{i}: its replica settles", self.send(s, "settle", 200 + i, (i,))

    def arrive(self, s, i):
        """A replica takes a request: an early look at card and caps, then it draws, and stores a keyed answer."""
        b, c, db = self.broken, self.calls[i], self.dbs[s.db]
        a, known = db.accounts[c.account], self.ledger.claimant(db, c) if c.key else -1
        month = max(s.clock, a.month)
        if b == "replay_unlocked" and known >= 0: return self.set(s, i, replica="reply", verdict=("ok", known))
        refusal = "" if a.open else "no card"
        if self.scenario.early and a.open and (known < 0 or b == "early_before_key"):
            refusal = self.ledger.full(db, c, a.month if b == "early_month" else month)
            if refusal and (known >= 0 or not self.ledger.full(db, c, month, truly=True)): return "refused early, wrongly"
        if refusal: return self.set(s, i, replica="reply", verdict=(refusal, -1))
        if c.key and b != "answer_after":
            db = db._replace(answers=db.answers | {i})
        if c.key and b == "claim_first" and all(claim[:2] != (c.account, c.key) for claim in db.claims):
            db = db._replace(claims=db.claims | {(c.account, c.key, i)})
        after = self.number(db)
        return self.set(s._replace(db=after, safe=s.safe if after == s.db else after), i, replica="queue")

    def transaction(self, s, tx):
        b, name, locks = self.broken, f"{tx.kind} {list(tx.items)}", self.locks(tx)
        if tx.at == 0 and (b == "settle_before_lock" if tx.kind == "settle" else b in EARLY):
            yield True, name + " reads", self.swap(s, tx, tx._replace(at=1, clock=s.clock, seen=-1 if b == "clock_before_lock" else s.db))
        elif tx.at < 2 and locks[tx.held] not in {a for other in s.txs if other.at < 3 for a in self.locks(other)[:other.held]}:
            last = tx.held + 1 == len(locks)
            clock = -1 if not last else tx.clock if b == "clock_before_lock" else s.clock
            yield True, name + " locks", self.swap(s, tx, tx._replace(
                held=tx.held + 1, at=2 if last else tx.at, clock=clock, since=s.clock if last else -1))
        if tx.at == 2:
            after, verdicts = self.decide(s, tx)
            new = self.dbs[after].postings[len(self.dbs[s.db].postings):] if after is not None else ()
            if not self.scenario.faults.get(BACK) and any(p.kind == "charge" and p.month < tx.since for p in new):
                after, verdicts = None, "a month was charged that was over"
            if after is None:
                yield True, name + " commits", verdicts
                return
            committed = tx._replace(at=3, clock=-1, since=-1, seen=-1, verdicts=verdicts)
            t = self.swap(s, tx, *(committed,) if tx.owner >= 0 else ())._replace(db=after)
            yield True, name + " commits", t._replace(safe=s.safe if b == "found_without_wait" and after == s.db else after)
            if s.left[CUT] and after != s.db:                  # it stops waiting for the standby, and is seen by others
                t = self.spend(t, CUT) if b == "warning_is_success" else self.lost(self.swap(self.spend(s, CUT), tx)._replace(db=after), tx)
                yield False, name + " commits, and its standby does not know", t
            if b == "answer_early" and tx.owner >= 0:
                yield True, name + " is told before it commits", self.told(self.swap(s, tx, tx._replace(owner=-1)), committed)
        if tx.at == 3:
            yield True, f"{name} told: {', '.join(word for word, _ in tx.verdicts)}", self.told(self.swap(s, tx), tx)
        if tx.owner >= 0 and s.left[LOSS]:
            t = self.spend(s, LOSS)
            yield False, name + " loses its connection", self.lost(self.swap(t, tx, *(tx._replace(owner=-1),) if tx.at < 3 else ()), tx)
            if tx.at < 2 and tx.kind == "charge":              # rolled back: not charged by this attempt
                yield False, name + " times out", self.told(self.swap(t, tx), tx._replace(verdicts=(("late", -1),) * len(tx.items)))
        if tx.owner < 0 and tx.at < 3:
            yield False, name + " aborts", self.swap(s, tx)

    def waiting(self, s, tx):
        """The requests that wait for a charge."""
        for id in tx.items:
            for i, x in enumerate(s.requests):
                if (x.replica, self.replica[i], self.id(i, x)) == ("wait", tx.owner, id):
                    yield i, x

    def told(self, s, tx):
        """Who waits for a transaction hears its outcome. A string: what is wrong with it."""
        if tx.kind == "settle":
            i = tx.items[0]
            if tx.owner >= 200: return self.set(s, i, replica="reply", verdict=("void", -1))
            return self.set(s, i, gateway="end", heard=s.requests[i].heard or "502")
        for (i, x), (word, by) in zip(list(self.waiting(s, tx)), tx.verdicts):
            unknown = x.resend and self.broken != "unknown_forgotten"
            if word == "error" and len(tx.items) > 1 and self.broken != "batch_fails_together":
                s = self.set(s, i, replica="alone")
            elif word == "error" and not self.calls[i].poison:
                return "failed for its neighbour's error"
            elif word in ("late", "error") and unknown:        # and an error comes again: nothing but settling helps
                s = self.set(s, i, replica="unknown" if word == "late" else "dead")
            else:
                s = self.set(s, i, replica="reply", verdict=(word, by))
                answers = self.dbs[s.db].answers
                if word == "ok" and self.broken == "answer_after" and by == i:
                    s = s._replace(db=self.number(self.dbs[s.db]._replace(answers=answers | {i})))
                elif word == "ok" and self.calls[i].key and by % 100 not in answers: return "a key is claimed that has no answer"
        return s

    def lost(self, s, *txs):
        """Who waited for them learns that their outcome is unknown."""
        for tx in txs:
            if tx.kind == "charge" and tx.owner >= 0:
                for i, _ in list(self.waiting(s, tx)):
                    s = self.set(s, i, **dict(replica="reply", verdict=("late", -1)) if self.broken == "no_resend" else dict(replica="unknown", resend=1))
            elif 100 <= tx.owner < 200 and self.broken == "settle_once":
                s = self.set(s, tx.items[0], gateway="end", heard=s.requests[tx.items[0]].heard or "502")
        return s

    def killed(self, s, gateway):
        dead = {i for i, x in enumerate(s.requests) if self.calls[i].gateway == gateway and x.gateway in ("sent", "have", "settle", "bg")}
        for i in dead:
            s = self.set(s, i, gateway="dead", heard=s.requests[i].heard or "none")
        return self.orphan(s, lambda tx: tx.owner - 100 in dead)

    def orphan(self, s, lost):
        txs = [tx._replace(owner=-1) if lost(tx) else tx for tx in s.txs if not (lost(tx) and tx.at == 3)]
        return s._replace(txs=tuple(sorted(txs)))

    def faults(self, s):
        """What happens to processes, and what the world does."""
        if s.left[CRASH] and s.txs:
            yield False, "kill database", self.lost(self.spend(s, CRASH), *s.txs)._replace(txs=())
        if s.left[FAILOVER] and s.safe != s.db:
            yield False, "failover", self.lost(self.spend(s, FAILOVER), *s.txs)._replace(txs=(), db=s.safe)
        for g in {c.gateway for c in self.calls} - {"r0", "r1"} if s.left[GATEWAY] else ():
            t = self.killed(self.spend(s, GATEWAY), g)
            if t.requests != s.requests:
                yield False, f"kill gateway {g}", t
        for j in (0, 1) if s.left[REPLICA] else ():
            t = self.killed(self.spend(s, REPLICA), f"r{j}")
            for i, x in enumerate(t.requests):
                if self.replica[i] == j and x.replica not in ("", "dead") and (x.gateway == "sent" or x.replica != "reply"):
                    t = self.set(t, i, replica="dead")
            t = self.orphan(t, lambda tx: tx.owner == j or tx.owner >= 200 and self.replica[tx.owner - 200] == j)
            if t._replace(left=s.left) != s:
                yield False, f"kill replica {j}", t
        if s.left[TICK]:
            yield False, "the month ends", self.spend(s, TICK)._replace(clock=s.clock + 1)
        if s.left[BACK] and s.clock:
            yield False, "the clock steps back", self.spend(s, BACK)._replace(clock=s.clock - 1)
        for what in self.scenario.changes[s.changed:s.changed + 1]:
            if not any(what[1] in self.locks(tx)[:tx.held] and tx.at < 3 for tx in s.txs):
                after = self.number(self.ledger.change(self.dbs[s.db], what, s.clock))
                yield False, " ".join(map(str, what)), s._replace(db=after, safe=after, changed=s.changed + 1)

    def wrong(self, s, label, t):
        """What must hold after every step."""
        if isinstance(t, str): return t
        old, new = self.dbs[s.db].postings, self.dbs[t.db].postings
        if s.db != t.db and label != "failover" and new[:len(old)] != old: return "a posting was changed"
        if t.db not in self.ruled:
            self.ruled[t.db] = self.ledger.wrong(self.dbs[t.db]), standing(self.dbs[t.db])
        problem, alive = self.ruled[t.db]
        holders, answers = self.dbs[t.db].holders, []
        for i, x in enumerate(t.requests if not problem else ()):
            c, id, by = self.calls[i], self.id(i, x), x.verdict[1]
            if x.heard == "200":
                if by not in alive or (id, by) not in holders and self.broken != "fresh_id": return "a 200 that is not charged"
                if alive[by].amount != c.amount or by != id and (not c.key or self.ledger.of(by)[3:5] != c[3:5]):
                    return "a 200 that is charged as something else"
                answers += [by] if not c.key else []
            elif x.heard in ("402", "409", "502") and c.twin < 0 and x.gateway != "bg":     # "bg": it is being settled (a mutant)
                others = [t.requests[r % 100].heard for r, charge in holders if charge == id and r != id]
                if any(r == id and charge in alive for r, charge in holders) or id in alive and {"402", "409", "502"}.issuperset(others):
                    return f"a {x.heard} that is charged"
        return problem or ("one charge for two 200s" if len(answers) > len({*answers}) else "")

    def unfinished(self, s):
        """What must hold when nothing goes on by itself any more."""
        if s.txs or any(x.gateway not in ("new", "end", "dead") or x.replica in ("queue", "wait", "alone") for x in s.requests):
            return "stuck"
        holders, answered = self.dbs[s.db].holders, 0
        for charge in self.ruled[s.db][1] if s.db in self.ruled else ():
            ends = [s.requests[r % 100] for r, x in holders if x == charge]
            answered += any(x.heard == "200" for x in ends)
            if not any(x.heard == "200" or x.gateway == "dead" and x.heard == "none" for x in ends):
                return "charged and nobody was answered"       # but for one request in flight in a gateway that was killed
        wanted = self.scenario.exactly
        return f"{answered} answered at a cap of {wanted}" if wanted is not None and answered != wanted else ""

    def explore(self, limit):
        """Breadth first through all states: (how many, what is wrong, the steps to it)."""
        seen, queue = {hash(self.start)}, deque([(self.start, None)])          # 64-bit hashes stand for the states
        while queue and len(seen) < limit:
            s, path = queue.popleft()
            goes_on = False
            for progress, label, t in self.steps(s):
                goes_on |= progress
                if hash(t) in seen: continue
                problem = self.wrong(s, label, t)
                if problem: return len(seen), problem, names((label, path))
                seen.add(hash(t))
                queue.append((t, (label, path)))
            problem = "" if goes_on else self.unfinished(s)
            if problem: return len(seen), problem, names(path)
        return len(seen), "", []

    def walk(self, seed):
        """One random schedule to its end: (its steps, what is wrong)."""
        rng, s, taken = random.Random(seed), self.start, []
        while True:
            steps = list(self.steps(s))
            going, others = [x for x in steps if x[0]], [x for x in steps if not x[0]]
            problem = "" if going else self.unfinished(s)
            if problem or not steps: return taken, problem
            _, label, t = rng.choice(others if not going or others and rng.random() < 0.12 else going)
            taken.append(label)
            problem = self.wrong(s, label, t)
            if problem: return taken, problem
            s = t


def names(path): return names(path[1]) + [path[0]] if path else []


EARLY = ("check_before_lock", "cap_before_lock", "keys_before_lock", "clock_before_lock")
Scenario = namedtuple("Scenario", "name calls caps tokens faults changes open early exactly", defaults=((), True, False, None))
K = Call(key="k")
SCENARIOS = [
    Scenario("one call", [Call()], (1,), (FREE,), {GIVEUP: 2, LOSS: 2, CRASH: 1, CUT: 1, FAILOVER: 1, GATEWAY: 1, REPLICA: 1}),
    Scenario("one call, retried", [Call(retries=1)], (2,), (FREE,), {GIVEUP: 1, LOSS: 1, GATEWAY: 1}),
    Scenario("one keyed call, retried", [K._replace(retries=1)], (1,), (FREE,), {GIVEUP: 1, LOSS: 1, GATEWAY: 1, REPLICA: 1}, early=True),
    Scenario("two, gateway killed", [Call(), Call(gateway=1, replica=1)], (1,), (FREE,), {GIVEUP: 1, LOSS: 1, GATEWAY: 1}),
    Scenario("two, replica killed", [Call(), Call(gateway=1, replica=1)], (1,), (FREE,), {GIVEUP: 1, CRASH: 1, REPLICA: 1}),
    Scenario("no gateway", [Call(gateway="r0"), Call(replica=1)], (1,), (FREE,), {GIVEUP: 1, LOSS: 1, REPLICA: 1}),
    Scenario("one key", [K._replace(retries=1), K._replace(gateway=1, replica=1)], (2,), (FREE,), {GIVEUP: 2}),
    Scenario("one key, kills", [K._replace(retries=1), K._replace(gateway=1, replica=1)], (2,), (FREE,), {LOSS: 1, GATEWAY: 1, REPLICA: 1}),
    Scenario("three of a key", [K, K._replace(gateway=1, replica=1), K._replace(body="other")], (2,), (FREE,), {GIVEUP: 1}),
    Scenario("three holders", [K, K._replace(gateway=1, replica=1), K._replace(gateway=1)], (2,), (FREE,), {GIVEUP: 2}),
    Scenario("batch", [Call(), Call(poison=True), Call(account=1, token=1)], (1, 1), (FREE, FREE), {LOSS: 2}),
    Scenario("batches over accounts", [Call(), Call(account=1, token=1), Call(replica=1), Call(account=1, token=1, replica=1)],
             (1, 2), (FREE, FREE), {}, exactly=3),
    Scenario("caps", [Call(), Call(token=1), Call(token=1, replica=1), Call(replica=1)], (2,), (FREE, 1), {}, exactly=2),
    Scenario("five at a cap of three", [Call(), Call(token=1), Call(), Call(token=1, replica=1), Call(replica=1)], (3,), (FREE, 1), {}, exactly=3),
    Scenario("three at a cap of two", [Call(), Call(gateway=1), Call(gateway=1, replica=1)], (2,), (FREE,), {GIVEUP: 1, LOSS: 1}),
    Scenario("caps, settled", [Call(), Call(), Call(replica=1)], (3,), (1,), {GIVEUP: 1}),
    Scenario("month", [Call(), Call(), Call(replica=1)], (1,), (FREE,), {GIVEUP: 1, TICK: 1}),
    Scenario("month, late commits", [Call(), Call(replica=1)], (1,), (FREE,), {LOSS: 2, TICK: 1}),
    Scenario("month, clock back", [Call(), Call(gateway=1, replica=1)], (1,), (FREE,), {GIVEUP: 1, TICK: 1, BACK: 1}, early=True),
    Scenario("lowered cap", [Call(amount=2), Call(amount=2), Call(replica=1)], (4,), (FREE,), {GIVEUP: 1}, (("cap", 0, 0, 2),)),
    Scenario("token's cap", [Call(), Call(replica=1)], (9,), (FREE,), {GIVEUP: 1, LOSS: 1}, (("token", 0, 0, 1),)),
    Scenario("standby", [K, K._replace(gateway=1, replica=1)], (1,), (FREE,), {GIVEUP: 1, LOSS: 1, CUT: 1, FAILOVER: 1}),
    Scenario("no card yet", [Call(replica=1)], (1,), (FREE,), {GIVEUP: 1, LOSS: 1}, (("open", 0, 0, 0),), open=False),
    Scenario("one id twice", [Call(), Call(amount=3, gateway="r1", replica=1, twin=0)], (9,), (FREE,), {LOSS: 1}),
]
LARGE = Scenario(
    "large", [K._replace(retries=2), K._replace(gateway=1, replica=1, retries=1), Call(token=1, amount=2), Call(token=1, gateway=1),
              K._replace(account=1, token=2, gateway=1, replica=1, retries=1), Call(account=1, token=2, replica=1), Call(poison=True),
              K._replace(body="other", replica=1), Call(account=1, token=3, gateway="r1", replica=1), Call(token=1, replica=1, retries=1)],
    (4, 3), (FREE, 3, 2, FREE),
    {LOSS: 5, CRASH: 2, CUT: 1, FAILOVER: 1, GATEWAY: 2, REPLICA: 2, GIVEUP: 4, TICK: 1, BACK: 1},
    (("cap", 0, 0, 3), ("token", 0, 0, 2), ("cap", 1, 0, 2), ("cap", 0, 0, 5)), early=True)
WALKS, MUTANT_STATES, MUTANT_WALKS = 1500, 20_000, 300
# Where a mutant is looked for first
LIKELY = {"one key": "no_claim void_after_claim replay_final", "batch": "batch_fails_together", "caps": "batch_sum",
          "two, gateway killed": "cap_before_lock", "caps, settled": "token_batch_sum token_spent_kept", "month": "clock_before_lock spent_any_month",
          "month, late commits": "no_tombstone", "month, clock back": "no_monotone_month early_month", "lowered cap": "ceiling_kept",
          "batches over accounts": "lock_order", "no card yet": "settle_unopened", "one id twice": "first_is_resend",
          "three of a key": "claim_without_body claim_kept no_holders",
          "one keyed call, retried": "claim_first answer_after check_before_lock replay_unlocked early_before_key keyed_kept"}


def check():
    total, begun = 0, time.process_time()
    for scenario in SCENARIOS:
        states, problem, path = Model(scenario).explore(10**7)
        total += states
        print(f"{scenario.name}: {len(scenario.calls)} calls, {states:,} states, {time.process_time() - begun:.0f} s:",
              f"{problem}: {'; '.join(path)}" if problem else "holds", flush=True)
        if problem: return 1
    model, steps = Model(LARGE), 0
    for seed in range(WALKS):
        path, problem = model.walk(seed)
        steps += len(path)
        if problem: return f"large, seed {seed}: {problem}: {'; '.join(path)}"
    print(f"large: {len(LARGE.calls)} calls, {WALKS:,} random schedules, {steps:,} steps: holds\n"
          f"the protocol holds in {total:,} states, {time.process_time() - begun:.0f} s of processor time")


def hunt(rule):
    """Where a mutant is caught: (where, what is wrong, the steps to it)."""
    for scenario in sorted(SCENARIOS, key=lambda x: rule not in LIKELY.get(x.name, "").split()):
        states, problem, path = Model(scenario, rule).explore(MUTANT_STATES)
        if problem: return f"{scenario.name}: {states:,} states", problem, path
    model = Model(LARGE, rule)
    for seed in range(MUTANT_WALKS):
        path, problem = model.walk(seed)
        if problem: return f"large, seed {seed}", problem, path
    return "MISSED", "", []


def mutants():
    missed, begun = 0, time.process_time()
    print("| mutant | the rule that it is without | found in | what breaks |\n|---|---|---|---|")
    for rule, meaning in RULES.items():
        where, problem, _ = hunt(rule)
        missed += not problem
        print(f"| {rule} | {meaning} | {where} | {problem} |", flush=True)
    print(f"{len(RULES) - missed} of {len(RULES)} caught, {time.process_time() - begun:.0f} s of processor time")
    return missed


def replay(what, rule=None):
    where, problem, path = hunt(what) if what in RULES else (f"seed {what}", *Model(LARGE, rule).walk(int(what))[::-1])
    print(*path, f"{where}: {problem or 'holds'}", sep="\n")


if __name__ == "__main__":
    command = {"check": check, "mutants": mutants, "replay": replay}.get((sys.argv[1:] or [""])[0])
    sys.exit(command(*sys.argv[2:]) if command else __doc__)
