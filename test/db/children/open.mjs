// Opens the database that its argument names, and closes it.
import { openDatabase } from '../../../dist/db/open-database.js';

openDatabase(process.argv[2]).close();
