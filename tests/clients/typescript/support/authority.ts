// An authority that signs certificates, with keys made when a test runs.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Names of a server that tests reach on loopback. */
export const LOOPBACK = "DNS:localhost,IP:127.0.0.1";

/** Files in PEM. */
export interface Certificate {
  chainFile: string;
  keyFile: string;
}

export class Authority {
  readonly #folder: string;
  #issued = 0;

  static async create(): Promise<Authority> {
    const authority = new Authority();
    const rights = "basicConstraints=critical,CA:TRUE";
    await authority.#make("ca", "/CN=Test authority", ["-addext", rights]);
    return authority;
  }

  private constructor() {
    this.#folder = mkdtempSync(join(process.env["TEST_TMPDIR"] ?? tmpdir(), "authority-"));
    // Not what the machine adds to its own.
    writeFileSync(this.#path("cnf"), "[req]\ndistinguished_name=name\n[name]\n");
  }

  get caFile(): string {
    return this.#path("ca.pem");
  }

  get ca(): string {
    return readFileSync(this.caFile, "utf8");
  }

  /** `subject`: "/CN=alice". `names`: as OpenSSL writes them, "DNS:localhost,IP:127.0.0.1". */
  issue(subject: string, names: string): Promise<Certificate> {
    const signed = ["-CA", this.caFile, "-CAkey", this.#path("ca.key")];
    const extensions = [`subjectAltName=${names}`, "basicConstraints=critical,CA:FALSE"];
    const added = extensions.flatMap((extension) => ["-addext", extension]);
    return this.#make(`issued${++this.#issued}`, subject, [...signed, ...added]);
  }

  async #make(name: string, subject: string, more: string[]): Promise<Certificate> {
    const [chainFile, keyFile] = [this.#path(`${name}.pem`), this.#path(`${name}.key`)];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const files = ["-config", this.#path("cnf"), "-keyout", keyFile, "-out", chainFile];
    const made = ["req", "-x509", "-days", "2", "-subj", subject];
    await run("openssl", [...made, ...key, ...files, ...more]);
    return { chainFile, keyFile };
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}
