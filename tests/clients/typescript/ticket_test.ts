import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { CLIENT_DEFAULTS, type FullOptions } from "../../../clients/typescript/src/options.js";
import { Ticket } from "../../../clients/typescript/src/ticket.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const options = (given: object = {}) => ({ ...CLIENT_DEFAULTS, ...given }) as FullOptions;

/** What a Connect without other credentials has of it. */
const shown = (ticket: Ticket) => new TextDecoder().decode(ticket.show(options(), ""));

function told(text = "ticket"): Ticket {
  const ticket = new Ticket();
  ticket.onConnected(bytes(text));
  return ticket;
}

describe("ticket", () => {
  test("the last one that was told is shown", () => {
    const ticket = new Ticket();
    expect([ticket.isEmpty, shown(ticket)]).toEqual([true, ""]);
    ticket.onConnected(bytes("first"));
    expect([ticket.isEmpty, shown(ticket)]).toEqual([false, "first"]);
    ticket.onGoAway(bytes("second"));
    ticket.onGoAway(bytes(""));
    expect([shown(ticket), shown(ticket)]).toEqual(["second", "second"]);
    ticket.onConnected(bytes(""));
    expect([ticket.isEmpty, shown(ticket)]).toEqual([true, ""]);
  });

  test("what it was received with may change", () => {
    const received = bytes("ticket");
    const ticket = new Ticket();
    ticket.onConnected(received);
    received.fill(0);
    expect(shown(ticket)).toBe("ticket");
  });

  test.each([
    ["", {}, true],
    ["", { token: "that a function is in the place of" }, true],
    ["t", {}, false],
    ["", { user: "u" }, false],
    ["", { password: "p" }, false],
  ])("refused with the token %j and %j; forgotten: %s", (token, credentials, isAlone) => {
    const ticket = told();
    ticket.show(options(credentials), token);
    expect([ticket.onClose(231), ticket.isEmpty]).toEqual([false, false]);
    expect([ticket.onClose(230), ticket.isEmpty]).toEqual([isAlone, isAlone]);
  });

  test("without one it was credentials that were refused", () => {
    const ticket = new Ticket();
    ticket.show(options(), "");
    expect(ticket.onClose(230)).toBe(false);
    ticket.onConnected(bytes("told since, and not shown"));
    expect(ticket.onClose(230)).toBe(false);
  });

  test("it expires with the credentials", () => {
    const ticket = told();
    ticket.show(options(), "");
    expect([ticket.onClose(233), ticket.isEmpty]).toEqual([false, true]);
  });

  test("it is not printed", () => {
    const ticket = told("s3cret");
    const printed = `${inspect(ticket, { showHidden: true })} ${JSON.stringify(ticket)}`;
    expect(printed).not.toMatch(new RegExp(`s3cret|${bytes("s3cret").join("[, ]+")}`));
  });
});
