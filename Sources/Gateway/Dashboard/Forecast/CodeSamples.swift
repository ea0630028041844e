import NIOCore

/// A prediction as requests that can be pasted: what ran here is what runs there.
package struct CodeSamples: Sendable, Hashable {
  /// For a POSIX shell.
  package let curl: String
  /// For Python with `requests`.
  package let python: String
  /// For JavaScript with `fetch`, in a module.
  package let javaScript: String

  /// Writes the requests. `TEMPORIS_TOKEN` holds the access token in each.
  /// - Parameter base: What the public API's paths are appended to.
  package init(base: String, dataProfile: String, count: Int32, temperature: Double, topP: Double) {
    let (url, profile) = (Self.json(base), Self.json(dataProfile))
    let body =
      "{ \"data_profile\": \(profile), \"count\": \(count), \"temperature\": \(temperature), \"top_p\": \(topP) }"
    curl = """
      curl \(Self.shellWord(base + "/v1/predict")) -H "Authorization: Bearer $TEMPORIS_TOKEN" \
      -H "Content-Type: application/json" \\
        -d \(Self.quoted(body))
      """
    python = """
      import os, requests

      base, token = \(url), os.environ["TEMPORIS_TOKEN"]
      response = requests.post(f"{base}/v1/predict", headers={"Authorization": f"Bearer {token}"},
          json={"data_profile": \(profile), "count": \(count), "temperature": \(temperature), "top_p": \(topP)})
      response.raise_for_status()
      print(min(response.json()["predictions"], key=lambda prediction: prediction["loss"]))
      """
    javaScript = """
      const base = \(url), token = process.env.TEMPORIS_TOKEN;
      const response = await fetch(base + "/v1/predict", {
        method: "POST",
        headers: { "Authorization": `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ data_profile: \(profile), count: \(count), temperature: \
      \(temperature), top_p: \(topP) }),
      });
      console.log(await response.json());
      """
  }

  /// A text in double quotes, as JSON, Python and JavaScript all read it.
  static func json(_ text: String) -> String {
    String(decoding: JSONWriter.bytes(of: text), as: UTF8.self)
  }

  /// A word of a shell: bare where nothing in it means anything to a shell or to curl, quoted otherwise.
  static func shellWord(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        true
      default: ":/.-_".utf8.contains(byte)
      }
    }
    return isPlain ? text : quoted(text)
  }

  /// A text in single quotes, within which a shell reads everything as it is.
  private static func quoted(_ text: String) -> String {
    let pieces = text.utf8.split(separator: UInt8(ascii: "'"), omittingEmptySubsequences: false)
    return "'" + pieces.map { String(Substring($0)) }.joined(separator: #"'\''"#) + "'"
  }
}
