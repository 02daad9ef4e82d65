/// The diagnostics about configuration and schedule files. Codes are stable and never used again.
package enum ConfigCode: String, Hashable, Sendable, CaseIterable {
  case syntax = "C001"
  case unknownKey = "C002"
  case wrongType = "C003"
  case outOfRange = "C004"
  case notSupportedYet = "C005"
  case olderName = "C006"
  case missingKey = "C007"
  case conflict = "C008"
  case unknownAgent = "C009"

  /// What the code means and what to do about it, for `check --explain`.
  package var page: String {
    switch self {
    case .syntax:
      """
      C001: the file is not TOML

      The text could not be read at the place that is shown, so nothing of the file counts. Text needs quotes, a key
      may be set only once, and a table such as [verify] may be opened only once. An escaped NUL character is refused
      as well, because no path or command can hold one.
      """
    case .unknownKey:
      """
      C002: unknown key

      Nothing reads the key, so its value has no effect. Most often it is misspelt or stands in the wrong table; the
      nearest known key is named where there is one. docs/configuration.md lists every key.
      """
    case .wrongType:
      """
      C003: wrong type

      The key takes another type of value. Text and durations are written in quotes ("30m"), numbers, true and false
      without, lists in brackets (["a", "b"]).
      """
    case .outOfRange:
      """
      C004: value out of range

      The type is right, but the value is not one that the key allows. The message says which values are.
      """
    case .notSupportedYet:
      """
      C005: not supported yet

      As a note: the key is accepted, so that files of the older tool keep working, but this version has no feature
      that reads it. As an error: going on would not do what the file asks for, so nothing is started.
      """
    case .olderName:
      """
      C006: older name of a key

      The key works, but it has a newer name, which is shown. When both are set, the newer one counts.
      """
    case .missingKey:
      """
      C007: required key missing

      The table needs a key that is not there. The message says which one and gives an example.
      """
    case .conflict:
      """
      C008: values that contradict each other

      Two entries cannot both hold, such as two batches with one name. Both places are shown; remove or rename one.
      """
    case .unknownAgent:
      """
      C009: no such agent

      The name is neither that of an [agents.NAME] table nor that of an adapter, so nobody would stand in. The nearest
      known name is offered where there is one; `claude-orch agents` lists all.
      """
    }
  }
}
