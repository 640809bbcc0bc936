// Starts `suho lsp` and gives the editor's commands to the terminal. Everything else is the server's.
"use strict";

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

/** The scheme of the library's files, which lie in the program and on no disk. */
const LIBRARY_SCHEME = "suho-std";

let client;

/** The program, as the settings name it. */
function program() {
  return vscode.workspace.getConfiguration("suho").get("path", "suho");
}

async function start() {
  const server = { command: program(), args: ["lsp"], transport: TransportKind.stdio };
  client = new LanguageClient("suho", "suho", server, {
    documentSelector: [
      { scheme: "file", language: "suho" },
      { scheme: LIBRARY_SCHEME, language: "suho" },
    ],
    initializationOptions: { libraryDocuments: true },
  });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const choice = await vscode.window.showErrorMessage(
      `suho: cannot start \`${program()} lsp\`: ${error.message}`,
      "Open Settings",
    );
    if (choice !== undefined) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "suho.path");
    }
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running !== undefined) {
    await running.stop();
  }
}

/** Runs `suho WORD …` where the reader can see it. Each argument is one, unread by any shell. */
async function run(word, ...given) {
  const execution = new vscode.ProcessExecution(program(), [word, ...given]);
  const task = new vscode.Task(
    { type: "suho", word },
    vscode.TaskScope.Workspace,
    `${word} ${given.join(" ")}`,
    "suho",
    execution,
  );
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  await vscode.tasks.executeTask(task);
}

async function activate(context) {
  const library = {
    provideTextDocumentContent: (uri) =>
      client?.sendRequest("suho/libraryText", { uri: uri.toString() }),
  };
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(LIBRARY_SCHEME, library),
    vscode.commands.registerCommand("suho.plan", (pipeline) => run("plan", pipeline)),
    vscode.commands.registerCommand("suho.rehearse", (pipeline) => run("rehearse", pipeline)),
    vscode.commands.registerCommand("suho.test", (file, name) => run("test", file, "--filter", name)),
    vscode.commands.registerCommand("suho.restart", async () => {
      await stop();
      await start();
    }),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
