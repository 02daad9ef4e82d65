/// Which hosts a sandboxed program may talk to. Values in, decisions out.
package struct ProxyPolicy: Hashable, Sendable {
  /// One entry of `[sandbox] allow_hosts`.
  private struct Entry: Hashable, Sendable {
    var host: String
    var coversSubdomains: Bool
    /// nil: 80 and 443.
    var port: UInt16?

    func allows(_ port: UInt16) -> Bool { self.port.map { $0 == port } ?? (port == 80 || port == 443) }
  }

  private var entries: [Entry] = []

  /// Entries that make no sense allow nothing.
  package init(hosts: [String]) {
    for text in hosts {
      var (host, port) = Self.split(text.lowercased())
      if port == nil, host.isEmpty { continue }
      let coversSubdomains = host.hasPrefix("*.")
      if coversSubdomains { host.removeFirst(2) }
      guard !host.isEmpty else { continue }
      entries.append(Entry(host: Self.normal(host), coversSubdomains: coversSubdomains, port: port))
      port = nil
    }
  }

  /// Whether a host may be asked for at all, as it was written.
  package func allows(host: String, port: UInt16) -> Bool {
    let host = Self.normal(host.lowercased())
    return entries.contains { entry in
      entry.allows(port) && (entry.coversSubdomains ? host.hasSuffix("." + entry.host) : host == entry.host)
    }
  }

  /// Whether an address may be connected to: every public one, and others only when they are listed as such. A name on
  /// the list is no leave to reach what it happens to lead to.
  package func allows(address: NetworkAddress, port: UInt16) -> Bool {
    address.isPublic
      || entries.contains { entry in
        entry.allows(port) && !entry.coversSubdomains && NetworkAddress(entry.host) == address
      }
  }

  /// `name:443`, `[::1]:8080`, `::1`.
  package static func split(_ text: String) -> (host: String, port: UInt16?) {
    if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
      let rest = text[text.index(after: close)...]
      return (
        String(text[text.index(after: text.startIndex)..<close]), rest.hasPrefix(":") ? UInt16(rest.dropFirst()) : nil
      )
    }
    guard let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon else { return (text, nil) }
    guard let port = UInt16(text[text.index(after: colon)...]) else { return ("", nil) }
    return (String(text[..<colon]), port)
  }

  private static func normal(_ host: String) -> String { host.hasSuffix(".") ? String(host.dropLast()) : host }
}

/// What a program asks a proxy for.
package struct ProxyRequest: Hashable, Sendable {
  package var host: String
  package var port: UInt16
  /// What goes to the host in place of the head; nil for `CONNECT`, which sends nothing.
  package var head: [UInt8]?

  /// Reads the head of a request, up to the empty line; nil when it is none that a proxy can serve.
  package init?(_ bytes: [UInt8]) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
    guard let words = lines.first?.split(separator: " "), words.count == 3, words[2].hasPrefix("HTTP/1.") else {
      return nil
    }
    if words[0] == "CONNECT" {
      let (host, port) = ProxyPolicy.split(String(words[1]))
      guard let port, Self.isHost(host) else { return nil }
      (self.host, self.port, head) = (host, port, nil)
      return
    }
    guard words[1].lowercased().hasPrefix("http://") else { return nil }
    let rest = words[1].dropFirst(7)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let (host, port) = ProxyPolicy.split(String(authority))
    guard Self.isHost(host) else { return nil }
    let path = rest[authority.endIndex...]
    let kept = lines.dropFirst().filter { line in
      let name = line.prefix { $0 != ":" }.lowercased()
      return !name.hasPrefix("proxy-") && name != "connection" && name != "keep-alive" && name != "host"
    }
    // One request for one connection, so that a second one cannot ask for another host behind our back.
    let head =
      ["\(words[0]) \(path.hasPrefix("/") ? "" : "/")\(path) \(words[2])", "Host: \(authority)"] + kept.map(String.init)
      + ["Connection: close", "", ""]
    (self.host, self.port, self.head) = (host, port ?? 80, Array(head.joined(separator: "\r\n").utf8))
  }

  private static func isHost(_ text: String) -> Bool {
    (1...253).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F: true
        default: false
        }
      }
  }
}
