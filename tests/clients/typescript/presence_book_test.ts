import { describe, expect, test } from "vitest";
import { PresenceBook } from "../../../clients/typescript/src/presence_book.js";

const member = (clientId: string, name = "", metadata = {}) => ({ clientId, name, metadata });

function update(version: number, joined: string[], left: string[], count: number, epoch = 9) {
  const names = { joined: joined.map((id) => member(id)), left: left.map((id) => member(id)) };
  return { topic: "t", epoch, version, count, ...names, incomplete: false, ended: false };
}

function page(version: number, ids: string[], count: number, next = "", epoch = 9) {
  return { topic: "t", epoch, version, count, members: ids.map((id) => member(id)), next };
}

function setUp() {
  const book = new PresenceBook();
  const read = (first: ReturnType<typeof page>) => {
    book.beginReading();
    book.onPage(first);
  };
  /** "first +a -b (3)"; "" for none. */
  const news = () => {
    const told = book.takeNews();
    if (!told) return "";
    const joined = told.joined
      .map(({ clientId }) => ` +${clientId}`)
      .sort()
      .join("");
    const left = told.left
      .map(({ clientId }) => ` -${clientId}`)
      .sort()
      .join("");
    return `${told.first ? "first" : "then"}${joined}${left} (${told.count})`;
  };
  return { book, read, news };
}

describe("presence book", () => {
  test("tells the roster, and then what changes", () => {
    const { book, news } = setUp();
    expect(book.mustRead).toBe(true);
    book.beginReading();
    expect(book.nextPage).toBe("");
    expect(news()).toBe("");
    book.onPage(page(3, ["a", "b"], 3, "b"));
    expect(book.nextPage).toBe("b");
    expect(news()).toBe("");
    book.onPage(page(3, ["c"], 3));
    expect(book.nextPage).toBeUndefined();
    expect(news()).toBe("first +a +b +c (3)");
    expect(news()).toBe("");
    book.onUpdate(update(4, ["d"], ["a"], 3));
    expect(news()).toBe("then +d -a (3)");
    expect(book.mustRead).toBe(false);
  });

  test("an empty roster is told, too", () => {
    const { book, read, news } = setUp();
    read(page(0, [], 0, "", 0));
    expect(news()).toBe("first (0)");
    book.onUpdate(update(1, ["a"], [], 1));
    expect(news()).toBe("then +a (1)");
  });

  test("pages of several versions are put together", () => {
    const { book, news } = setUp();
    book.beginReading();
    book.onUpdate(update(4, ["x"], [], 9)); // in the first page
    book.onPage(page(5, ["b", "d"], 4, "d"));
    book.onUpdate(update(6, ["a", "f"], ["b", "e"], 4));
    book.onPage(page(6, ["f", "g"], 4));
    expect(news()).toBe("first +a +d +f +g (4)");
    book.onUpdate(update(7, [], ["g"], 3));
    expect(news()).toBe("then -g (3)");
  });

  test("older updates change no newer page", () => {
    const { book, news } = setUp();
    book.beginReading();
    book.onPage(page(5, ["a"], 3, "m"));
    book.onPage(page(7, ["x"], 2));
    book.onUpdate(update(6, ["b", "y"], ["a"], 4));
    book.onUpdate(update(7, [], ["b", "y"], 2));
    expect(news()).toBe("first +x (2)");
    expect(book.mustRead).toBe(false);
  });

  test("ids are ordered by their bytes", () => {
    const { book, news } = setUp();
    book.beginReading();
    book.onPage(page(5, ["\uff00"], 2, "\uff00"));
    book.onPage(page(7, ["🌍"], 2)); // behind it, though not in the order of the language
    book.onUpdate(update(6, [], ["🌍"], 1));
    book.onUpdate(update(7, ["🌍"], [], 2));
    expect(news()).toBe("first +🌍 +\uff00 (2)");
  });

  test("what is missed must be read again", () => {
    const { book, read, news } = setUp();
    read(page(3, ["a"], 1));
    expect(news()).toBe("first +a (1)");
    book.onUpdate(update(5, ["c"], [], 3));
    expect(book.mustRead).toBe(true);
    expect(news()).toBe("");
    read(page(5, ["b", "c"], 2));
    expect(news()).toBe("then +b +c -a (2)");
    book.onUpdate(update(6, [], [], 3, 8));
    expect(book.mustRead).toBe(true);
  });

  test("what an incomplete update names is told at once", () => {
    const { book, read, news } = setUp();
    read(page(3, ["a"], 1));
    news();
    book.onUpdate({ ...update(4, ["b"], [], 700), incomplete: true });
    expect(news()).toBe("then +b (700)");
    expect(book.mustRead).toBe(true);
    read(page(4, ["a", "b", "c"], 3));
    expect(news()).toBe("then +c (3)");
  });

  test("an epoch that begins needs no reading", () => {
    const { book, read, news } = setUp();
    read(page(3, ["a"], 1));
    news();
    book.onUpdate(update(1, ["b"], [], 1, 10));
    expect(news()).toBe("then +b -a (1)");
    expect(book.mustRead).toBe(false);
  });

  test("pages of two epochs are no roster", () => {
    const { book, news } = setUp();
    book.beginReading();
    book.onPage(page(3, ["a"], 2, "a"));
    book.onPage(page(1, ["b"], 2, "", 10));
    expect(book.mustRead).toBe(true);
    expect(news()).toBe("");
  });

  test("another name and other metadata are news", () => {
    const { book, read, news } = setUp();
    read(page(3, ["a"], 1));
    news();
    book.onUpdate({ ...update(4, [], [], 1), joined: [member("a", "Anna")] });
    expect(news()).toBe("then +a (1)");
    book.onUpdate({ ...update(5, [], [], 1), joined: [member("a", "Anna", { os: "x" })] });
    expect(news()).toBe("then +a (1)");
    book.onUpdate({ ...update(6, [], [], 1), joined: [member("a", "Anna", { os: "x" })] });
    expect(news()).toBe("");
  });
});
