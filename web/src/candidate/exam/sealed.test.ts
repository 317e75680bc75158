import { expect, test } from "vitest";
import { opened, type Sealed } from "./sealed";

const encoded = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

async function sealed(content: unknown, layout: Sealed["layout"]): Promise<{ paper: Sealed; key: string }> {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const nonce = new Uint8Array(12);
  const secret = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const plain = new TextEncoder().encode(JSON.stringify(content));
  const cipher = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, secret, plain));
  const paper = { algorithm: "A256GCM", ciphertext: encoded(new Uint8Array([...nonce, ...cipher])), layout };
  return { paper, key: encoded(key) };
}

const CONTENT = {
  items: [
    { type: "single", stem: "甲", options: ["一", "二", "三"], points: 1 },
    { type: "true_false", stem: "乙", options: [], points: 0.5 },
  ],
  total_points: 1.5,
};

test("the paper is put into this candidate's order, and letters go by that order", async () => {
  const { paper, key } = await sealed(CONTENT, [
    { item: 1, options: [] },
    { item: 0, options: [2, 0, 1] },
  ]);
  expect(await opened(paper, key)).toEqual({
    items: [
      { number: 1, type: "true_false", stem: "乙", points: 0.5, options: [] },
      {
        number: 2,
        type: "single",
        stem: "甲",
        points: 1,
        options: [
          { letter: "A", text: "三" },
          { letter: "B", text: "一" },
          { letter: "C", text: "二" },
        ],
      },
    ],
    total_points: 1.5,
  });
});

test("another key does not open it, and a layout that does not fit is refused", async () => {
  const { paper } = await sealed(CONTENT, [{ item: 0, options: [0] }]);
  await expect(opened(paper, encoded(new Uint8Array(32)))).rejects.toThrow();
  const { paper: wrong, key } = await sealed(CONTENT, [{ item: 7, options: [] }]);
  await expect(opened(wrong, key)).rejects.toThrow(RangeError);
});
