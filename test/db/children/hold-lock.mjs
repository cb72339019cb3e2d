// Holds the write lock of the database in argv[2] until its standard input ends.
import BetterSqlite3 from 'better-sqlite3';

const db = new BetterSqlite3(process.argv[2]);
db.exec('BEGIN IMMEDIATE');
process.stdout.write('locked\n');
process.stdin.resume().on('end', () => db.close());
