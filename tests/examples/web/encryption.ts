// A certificate for a broker that a browser looks at, and the browser's trust in that one alone.
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { Authority, LOOPBACK } from "../../clients/typescript/support/authority.js";

export interface Encryption {
  /** What stands in `tls` of the broker's listener. */
  tls: string;
  chromiumFlags: string[];
}

export async function encryption(): Promise<Encryption> {
  const authority = await Authority.create();
  const { chainFile, keyFile } = await authority.issue("/CN=broker", LOOPBACK);
  const { publicKey } = new X509Certificate(readFileSync(chainFile));
  const key = publicKey.export({ type: "spki", format: "der" });
  const hash = createHash("sha256").update(key).digest("base64");
  return {
    tls: `certificate { chain_file: "${chainFile}" key_file: "${keyFile}" }`,
    chromiumFlags: [`--ignore-certificate-errors-spki-list=${hash}`],
  };
}
