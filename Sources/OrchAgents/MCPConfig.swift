import OrchDomain

/// MCP servers for an agent, in the form of a project's `.mcp.json`.
package struct MCPConfig: Hashable, Sendable {
  /// By name, in the order of the names.
  private var servers: [JSONValue.Member]

  /// nil when `json` is not such a file.
  package init?(json: [UInt8]) {
    guard let members = JSONReader.value(json[...])?["mcpServers"]?.members else { return nil }
    servers = []
    add(members)
  }

  package var names: [String] { servers.map(\.key) }

  /// Adds the servers of `other`, which win over those of the same name.
  package func merged(with other: MCPConfig) -> MCPConfig {
    var result = self
    result.add(other.servers)
    return result
  }

  /// The file that an agent reads.
  package var text: String { JSONValue.object([.init("mcpServers", .object(servers))]).text(pretty: true) + "\n" }

  private mutating func add(_ members: [JSONValue.Member]) {
    for member in members {
      servers.removeAll { $0.key == member.key }
      servers.append(member)
    }
    servers.sort { $0.key < $1.key }
  }
}
