// The least that a Swift program costs to start: the floor of every command.
print("hello")
