import OrchDomain

/// A project's `.mcp.json`.
package struct MCPConfig: Hashable, Sendable {
  package var path: String
  /// Names of the servers, sorted.
  package var servers: [String]

  package init(path: String, servers: [String]) {
    self.path = path
    self.servers = servers.sorted()
  }

  /// Reads the names of the servers; nil when `json` is not such a file.
  package init?(path: String, json: [UInt8]) {
    guard let servers = JSONReader.value(json[...])?["mcpServers"]?.members else { return nil }
    self.init(path: path, servers: servers.map(\.key))
  }
}
