import { RegisterReply, RegisterRequest } from '@latchkey/contracts/auth-api';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RegisterService } from './register.service.js';

@ApiTags('accounts')
@Controller('register')
export class RegisterController {
  constructor(private readonly registering: RegisterService) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Make an account',
    description:
      'The answer is the same whether the name was free or not. If it was, you can log in now.',
  })
  @ApiAcceptedResponse({ standardSchema: RegisterReply })
  async register(
    @Body({ schema: RegisterRequest }) request: RegisterRequest,
  ): Promise<RegisterReply> {
    await this.registering.register(request);
    return { accepted: true };
  }
}
