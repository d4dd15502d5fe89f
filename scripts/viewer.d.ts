/** Gives the viewer's page, with its place for the runs still open. */
export declare function viewerPage(): Promise<string>
