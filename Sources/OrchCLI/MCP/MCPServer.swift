import OrchAgents
import OrchDomain
import OrchHTTP

/// The protocol around the tools: JSON-RPC 2.0, one message a line (MCP, revision 2025-06-18).
struct MCPServer {
  let tools: MCPTools

  private static let versions = ["2025-06-18", "2025-03-26", "2024-11-05"]

  /// - Returns: nil for what wants no answer.
  func answer(_ line: String) async -> JSONValue? {
    guard line.contains(where: { !$0.isWhitespace }) else { return nil }
    guard let message = JSONReader.value(Array(line.utf8)[...]) else {
      return Self.error(.null, -32_700, "the line is not JSON")
    }
    guard case .object = message, message["jsonrpc"]?.string == "2.0", let method = message["method"]?.string else {
      // An answer to something that this server never asks.
      if message["result"] != nil || message["error"] != nil { return nil }
      return Self.error(message["id"] ?? .null, -32_600, "that is no request of JSON-RPC 2.0")
    }
    guard let id = message["id"] else { return nil }
    switch method {
    case "initialize":
      let asked = message["params"]?["protocolVersion"]?.string ?? ""
      return Self.result(
        id,
        [
          "protocolVersion": .string(Self.versions.contains(asked) ? asked : Self.versions[0]),
          "capabilities": ["tools": ["listChanged": false]],
          "serverInfo": ["name": "claude-orch", "version": .string(Version.number)],
        ])
    case "ping": return Self.result(id, .object([]))
    case "tools/list": return Self.result(id, .object([.init("tools", .array(tools.all.map(\.json)))]))
    case "tools/call": return await call(id, message["params"])
    default: return Self.error(id, -32_601, "there is no method '\(SafeText.line(method, limit: 60))'")
    }
  }

  private func call(_ id: JSONValue, _ parameters: JSONValue?) async -> JSONValue {
    let name = parameters?["name"]?.string ?? ""
    guard let tool = tools.all.first(where: { $0.name == name }) else {
      let why = MCPTools.writing.contains(name) ? "; it needs `claude-orch mcp --allow-write`" : ""
      return Self.error(id, -32_602, "there is no tool '\(SafeText.line(name, limit: 60))' here\(why)")
    }
    do {
      let input = try APIInput(members: parameters?["arguments"]?.members ?? [], known: tool.parameters.map(\.0))
      let value = try await tool.run(input)
      return Self.result(
        id,
        .object([
          .init("content", [["type": "text", "text": .string(value.text(pretty: true))]]),
          .init("structuredContent", value), .init("isError", false),
        ]))
    } catch {
      let text = API.describe(error).message
      return Self.result(
        id, .object([.init("content", [["type": "text", "text": .string(text)]]), .init("isError", true)]))
    }
  }

  private static func result(_ id: JSONValue, _ value: JSONValue) -> JSONValue {
    .object([.init("jsonrpc", "2.0"), .init("id", id), .init("result", value)])
  }

  private static func error(_ id: JSONValue, _ code: Int64, _ text: String) -> JSONValue {
    .object([
      .init("jsonrpc", "2.0"), .init("id", id),
      .init("error", .object([.init("code", .int(code)), .init("message", .string(text))])),
    ])
  }
}
