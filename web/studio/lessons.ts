// The lessons: the scenarios of the repository, put in when the page is built.

export interface Lesson {
  /** "02-crash/kill-backend.drill" */
  readonly path: string
  readonly title: string
  readonly text: string
}

/** Set when the page is built. */
declare const pgdrillLessons: readonly Lesson[]

export const lessons = pgdrillLessons

/** By folder, in order. */
export const rooms: readonly (readonly [room: string, lessons: readonly Lesson[]])[] = [
  ...new Set(lessons.map(({ path }) => path.split('/')[0])),
].map(room => [room, lessons.filter(({ path }) => path.startsWith(`${room}/`))])

export const firstLesson = lessons.find(({ path }) => path.endsWith('/kill-backend.drill')) ?? lessons[0]
