// Makes the certificate that the server shows and the clients trust, once a run.
import { execFileSync } from 'node:child_process';
import { assembly, state } from './server.js';

execFileSync('dotnet', [assembly, 'certificate', state], { stdio: ['ignore', 'ignore', 'inherit'] });
