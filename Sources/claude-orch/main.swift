import OrchCLI

await EntryPoint.main()
